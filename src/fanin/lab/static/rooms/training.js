// The pictures of a training run: curves over the epochs, and at one epoch histograms, weights and what has changed.

import { details, el, fill, swatch, table } from "../dom.js";
import { axes, dots, line, rule } from "../pictures/chart.js";
import { around, strip } from "../pictures/histogram.js";
import { extent } from "../pictures/scale.js";
import { weights } from "../pictures/weights.js";
import { known, number, percent, t } from "../words.js";
import { beside, figure } from "./room.js";

/** Shows a run at the epoch that the reader looks at: the newest, until the slider is moved. */
export class Training {
  #look = null;

  constructor(moved) {
    this.slider = el("input", { type: "range", min: 0, step: 1, id: "epoch-shown" });
    this.slider.addEventListener("input", () => {
      this.#look = this.slider.valueAsNumber;
      moved();
    });
    this.time = el("div", { class: "control time" }, el("label", { for: "epoch-shown" }), this.slider);
    this.curves = el("div");
    this.moment = el("div");
    this.node = el("div", { hidden: true }, this.curves, this.time, this.moment);
  }

  /** Looks at the newest epoch again. */
  follow() {
    this.#look = null;
  }

  show(run) {
    const epochs = run.epochs.filter(Boolean);
    this.node.hidden = !run.start || !epochs.length;
    if (this.node.hidden) return;
    const last = epochs.at(-1).epoch;
    const at = Math.min(this.#look ?? last, last);
    this.slider.max = last;
    this.slider.value = at;
    this.slider.setAttribute("aria-valuetext", t("learn.epoch", { epoch: at }));
    this.time.querySelector("label").textContent = t("learn.shown", { epoch: at, last });
    fill(this.curves, curves(run.start, epochs, at));
    fill(this.moment, moment(run.start, epochs[0], epochs.find(({ epoch }) => epoch === at) ?? epochs.at(-1)));
  }
}

function curves(start, epochs, at) {
  const chance = start.classes ? 1 / start.classes : null;
  const pictures = ["accuracy", "loss"].map((name) => figure(course(start, epochs, { name, at, level: name === "accuracy" ? chance : null })));
  const head = [t("learn.table.epoch"), ...start.arms.flatMap(({ init }) => [`${init}: ${t("learn.accuracy")}`, `${init}: ${t("learn.loss")}`])];
  const rows = epochs.map(({ epoch, arms }) => [number(epoch), ...arms.flatMap(({ accuracy, loss }) => [percent(accuracy), number(loss)])]);
  return [beside(...pictures), details(t("learn.numbers"), table(t("learn.numbers"), head, rows))];
}

/** Accuracy or cost over the epochs, an arm each, and where the reader looks. */
function course({ arms, epochs: planned }, epochs, { name, at, level }) {
  const values = epochs.flatMap((epoch) => epoch.arms.map((arm) => arm[name]));
  const chart = axes({
    x: { domain: [0, Math.max(planned, 1)], label: t("learn.epochs.axis"), whole: true },
    y: name === "accuracy" ? { domain: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1] } : { domain: [0, (extent(values)?.[1] || 1) * 1.08] },
    title: t(`learn.${name}`),
    label: t(`learn.${name}.label`, { init: arms[0].init, first: values[0], last: epochs.at(-1).arms[0][name] }),
  });
  if (level != null) line(chart, [[0, level], [planned, level]], "rule dashed");
  rule(chart, { x: at });
  arms.forEach((_, i) => {
    const points = epochs.map(({ epoch, arms: now }) => [epoch, now[i][name]]);
    line(chart, points, `arm-${i}`);
    dots(chart, points, `arm-${i}`);
  });
  return chart.node;
}

/** One epoch: the histograms and the weights of each arm, and a table of what has changed since the start. */
function moment(start, first, now) {
  return [
    start.arms.map((arm, i) => article(arm, first.arms[i], now.arms[i], { arm: i, epoch: now.epoch })),
    el("h3", {}, t("learn.changed")),
    changes(start, first, now),
  ];
}

function article({ init, cause, message }, first, now, { arm, epoch }) {
  const { images, histograms, saturated } = now;
  const rows = histograms.map((histogram, i) => ({
    name: String(i + 1),
    histogram: histogram?.counts?.length ? histogram : null,
    remark: percent(saturated[i]),
  }));
  const picture = strip({
    rows,
    domain: around(rows.flatMap((row) => row.histogram ?? [])),
    arm,
    title: t("learn.activations", { epoch }),
    remark: t("learn.saturated"),
    label: t("learn.activations.label", { init, epoch, share: saturated[0] }),
  });
  const tiles = images?.units?.length
    ? el(
        "figure",
        { class: "tiles" },
        el("p", { class: "title" }, t("learn.weights")),
        weights({ ...images, label: t("learn.weights.label", { init, epoch, scale: images.scale, moved: now.moved[0] }) }),
        el("figcaption", {}, t("learn.weights.caption", { scale: images.scale, moved: now.moved[0] })),
      )
    : null;
  return el(
    "article",
    {},
    el("h3", {}, swatch(arm), el("code", {}, init), " ", el("span", { class: "quiet" }, state(now))),
    cause ? el("p", { class: "cause" }, diagnosis(cause, message)) : null,
    beside(figure(picture), tiles),
  );
}

function state({ state: name, accuracy }) {
  return name === "diverged" ? t("learn.diverged") : t("learn.scores", { accuracy });
}

/** The doctor's finding before the first step, in the reader's language where we have it. */
function diagnosis(cause, message) {
  return known(`cause.${cause}`) ? `${t(`cause.${cause}`)} (${cause})` : `${message} (${cause})`;
}

function changes({ arms }, first, now) {
  const head = ["accuracy", "moved", "gradient.start", "gradient", "saturated.start", "saturated"];
  return table(
    t("learn.changed"),
    [t("arms"), ...head.map((name) => t(`learn.table.${name}`))],
    arms.map(({ init }, i) => {
      const [then, here] = [first.arms[i], now.arms[i]];
      return [
        el("code", {}, init),
        `${percent(then.accuracy)} → ${percent(here.accuracy)}`,
        here.moved.map(percent).slice(0, 4).join(" · "),
        number(then.gradient[0]),
        number(here.gradient[0]),
        percent(then.saturated[0]),
        percent(here.saturated[0]),
      ];
    }),
  );
}
