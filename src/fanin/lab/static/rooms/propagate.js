// Propagate: a signal through a deep stack, forward and back, measured beside what theory predicts.

import { expressions } from "../arms.js";
import { details, el, fill, swatch, table } from "../dom.js";
import { axes, band, dots, line } from "../pictures/chart.js";
import { around, strip } from "../pictures/histogram.js";
import { extent, ticks } from "../pictures/scale.js";
import { ask } from "../request.js";
import { number, percent, t } from "../words.js";
import { asking, beside, drawingAgain, figure, furnish, onward, sentences, verdicts } from "./room.js";

const DEPTHS = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 75, 100];
const WIDTHS = [8, 16, 32, 64, 100, 128, 200, 256, 384, 512, 768, 1024];
const BATCHES = [16, 32, 64, 128, 256, 512, 1000];
const GAINS = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.414, 1.667, 2, 2.5, 3, 4, 6, 8, 10];
const BIASES = ["zeros", "randn", "ones", "0.1*randn", "0.05*randn", "constant(0.1)"];
const LEVEL = 30; // the largest over the smallest from which an axis is logarithmic
const DEEPEST = 1e-12; // of the largest: what is smaller lies on the floor of the axis

export function propagate(panel, lab) {
  const room = furnish(panel, { name: "propagate", set: lab.set, again: () => question.update(0) });
  const { form } = room;
  form.presets("propagate.presets", lab.options.propagate.map(preset));
  expressions(form, lab.expressions);
  form.slider({ key: "gain", label: "propagate.gain", steps: lab.within("gain", GAINS) });
  form.slider({ key: "depth", label: "propagate.depth", steps: lab.within("depth", DEPTHS) });
  form.slider({ key: "width", label: "propagate.width", steps: lab.within("width", WIDTHS) });
  form.slider({ key: "batch", label: "propagate.batch", steps: lab.within("batch", BATCHES) });
  form.choice({ key: "activation", label: "propagate.activation", options: lab.options.activations });
  form.choice({ key: "bias", label: "propagate.bias", options: BIASES });
  drawingAgain(form, lab);

  const work = (signal) => {
    const { init, depth, width, activation, batch, seed, gain, bias } = lab.state;
    return ask("/api/propagate", { query: { init, depth, width, activation, batch, seed, gain, bias }, signal });
  };
  const question = asking(room, work, (answer) => paint(room, answer, lab));
  return question;
}

/** A paper's setting as a button; what it does not say is as by default. */
function preset({ name, reference, query }) {
  const { init, ...rest } = query;
  return { name, message: `propagate.preset.${name}`, title: reference, changes: { gain: 1, bias: "zeros", ...rest, init: [init].flat() } };
}

function paint(room, { document: answer, words, gradients }, lab) {
  const { arms } = answer;
  fill(room.answer, verdicts(arms.map(({ init }) => init), words.map((said) => sentences("propagate.word", said)), t("colon")));
  fill(
    room.pictures,
    beside(figure(course(arms, "std")), figure(course(arms, "gradient")), figure(shares(arms))),
    el("p", { class: "quiet" }, t("propagate.caption")),
    arms.map((arm, i) => article(arm, i, strips(answer, gradients, i))),
    onward("onward.learn", () => lab.set({ room: "learn" }, 0)),
  );
}

/** The std of the activations, or the rms of the gradient, over depth. */
function course(arms, statistic) {
  const all = arms.flatMap(({ layers }) => layers.flatMap(({ measured, predicted }) => [measured[statistic], predicted[statistic]]));
  const positive = extent(all.filter((value) => value > 0)) ?? [0.1, 1];
  const log = positive[1] > LEVEL * positive[0];
  const low = log ? Math.max(positive[0], positive[1] * DEEPEST) / 1.5 : 0;
  const chart = axes({
    x: layerAxis(arms),
    y: { domain: [low, positive[1] * (log ? 1.5 : 1.15)], log },
    title: t(`propagate.${statistic}`),
    label: t(`propagate.${statistic}.label`, ends(arms[0], statistic)),
  });
  arms.forEach(({ layers }, i) => curves(chart, layers, statistic, `arm-${i}`));
  return chart.node;
}

function curves(chart, layers, statistic, style) {
  const theory = layers.map(({ layer, predicted, stderr }) => ({ layer, value: predicted[statistic], error: 2 * (stderr?.[statistic] ?? 0) }));
  band(chart, theory.map(({ layer, value, error }) => [layer, value - error, value + error]), style);
  line(chart, theory.map(({ layer, value }) => [layer, value]), style);
  dots(chart, layers.map(({ layer, measured }) => [layer, measured[statistic]]), style);
}

/** The share of outputs that sit on an end of the activation, and of units that are off for all inputs. */
function shares(arms) {
  const chart = axes({
    x: layerAxis(arms),
    y: { domain: [0, 1.03], ticks: [0, 0.5, 1] },
    title: t("propagate.shares"),
    label: t("propagate.shares.label", { init: arms[0].init, share: arms[0].layers.at(-1).measured.saturated }),
  });
  arms.forEach(({ layers }, i) => {
    curves(chart, layers, "saturated", `arm-${i}`);
    if (layers.some(({ measured }) => measured.dead > 0)) curves(chart, layers, "dead", `arm-${i} dashed`);
  });
  return chart.node;
}

/** The axis of the layers; the first is always written. */
function layerAxis([{ layers }]) {
  const domain = layers.length > 1 ? [1, layers.length] : [0.5, 1.5];
  return { domain, ticks: [1, ...ticks(domain).filter((layer) => layer > 1 && Number.isInteger(layer))], label: t("propagate.layer") };
}

function ends({ init, layers }, statistic) {
  return { init, first: layers[0].measured[statistic], last: layers.at(-1).measured[statistic], layers: layers.length };
}

function article({ init, layers }, arm, pictures) {
  return el(
    "article",
    {},
    el("h3", {}, swatch(arm), el("code", {}, init)),
    beside(...pictures.map((picture) => figure(picture))),
    details(t("propagate.numbers", { init }), numbers(init, layers)),
  );
}

/** Two strips: the activations on the way forward, the gradients on the way back. */
function strips({ arms }, gradients, arm) {
  const { init, layers } = arms[arm];
  const forward = layers.map(({ layer, histogram, measured }) => ({ name: String(layer), histogram, remark: number(measured.std) }));
  const back = gradients?.[arm]?.map((histogram, i) => ({ name: String(i + 1), histogram, remark: number(layers[i].measured.gradient) }));
  const show = (rows, which) =>
    strip({
      rows,
      domain: around(rows.map((row) => row.histogram)),
      arm,
      title: t(`propagate.strip.${which}`),
      remark: t(`propagate.remark.${which}`),
      label: t(`propagate.strip.${which}.label`, { init, layers: rows.length }),
    });
  return [show(forward, "forward"), back ? show(back, "back") : null].filter(Boolean);
}

function numbers(init, layers) {
  const head = ["layer", "std", "std.theory", "gradient", "gradient.theory", "mean", "saturated", "dead"];
  return table(
    t("propagate.numbers", { init }),
    head.map((name) => t(`propagate.table.${name}`)),
    layers.map(({ layer, measured, predicted, stderr }) => {
      const theory = (name) => `${number(predicted[name])} ± ${number(stderr?.[name])}`;
      return [
        String(layer),
        number(measured.std),
        theory("std"),
        number(measured.gradient),
        theory("gradient"),
        number(measured.mean),
        percent(measured.saturated),
        percent(measured.dead),
      ];
    }),
  );
}
