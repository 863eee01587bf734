// Your layer: a line of your own code, and what it does to that layer.

import { details, el, fill, table } from "../dom.js";
import { axes, band, line } from "../pictures/chart.js";
import { extent } from "../pictures/scale.js";
import { ask } from "../request.js";
import { number, percent, phrase, t } from "../words.js";
import { asking, figure, furnish, sentences, wide } from "./room.js";

const MARKS = { good: "✓", weak: "◐", bad: "✗" };
const EXAMPLES = [
  { name: "W1 = np.random.rand(30, 784)", unit: "sigmoid" },
  { name: "W = np.random.randn(n_out, n_in) / np.sqrt(1/n_in)", unit: "tanh", shape: "128x784" },
  { name: "nn.Linear(784, 128); nn.init.normal_(fc.weight, std=0.01)", unit: "relu" },
  { name: "layers.Dense(64, kernel_initializer='he_normal', input_shape=(784,))", unit: "relu" },
  { name: "W = np.zeros((10, 100))", unit: "relu" },
];

export function layer(panel, lab) {
  const room = furnish(panel, { name: "layer", set: lab.set, again: () => question.update(0) });
  const { form } = room;
  form.text({ key: "text", label: "layer.text", area: true });
  form.choice({ key: "unit", field: "activation", label: "layer.activation", options: lab.options.activations });
  form.text({ key: "shape", label: "layer.shape", empty: "layer.shape.text" });
  form.choice({ key: "layout", label: "layer.layout", options: [["oi", "layer.layout.oi"], ["io", "layer.layout.io"]] });
  form.presets("layer.presets", EXAMPLES.map(({ name, unit, shape = "" }) => ({ name, changes: { text: name, unit, shape, layout: "oi" } })));

  const work = (signal) => {
    const { text, shape, unit: activation, layout } = lab.state;
    return ask("/api/layer", { query: { text, shape: shape.replace(/\s*[x×,]\s*/, "x"), activation, layout }, signal });
  };
  const question = asking(room, work, (answer) => paint(room, answer, lab));
  return question;
}

function paint(room, { document: answer, reasons, curves, read }, lab) {
  const { verdict, shape, activation } = answer;
  const values = { init: el("code", {}, answer.expression), units: shape[0], inputs: shape[1], activation };
  fill(
    room.answer,
    el("p", { class: verdict }, el("span", { "aria-hidden": "true" }, `${MARKS[verdict]} `), phrase(`layer.${verdict}`, values)),
    sentences("layer.reason", reasons).map((parts) => el("p", { class: "reason" }, parts)),
  );
  fill(
    room.pictures,
    el("p", { class: "quiet" }, t("layer.read", { init: read.init, out: shape[0], in: shape[1], activation: read.activation ?? activation })),
    figure(picture(answer, curves, wide(room.pictures)), t("layer.caption", { recommended: answer.recommended.scheme })),
    el("h3", {}, t("layer.numbers")),
    facts(answer),
    el("h3", {}, t(verdict === "good" ? "layer.spelled" : "layer.instead", answer.recommended)),
    spellings(answer.spellings),
    answer.reference ? el("p", { class: "quiet" }, answer.reference) : null,
    el(
      "p",
      { class: "onward" },
      el("button", { type: "button", class: "link", click: () => onward(answer, lab) }, `${t("onward.draw")} →`),
    ),
  );
}

/** The layer's own scheme beside the recommended one, in the room where they are drawn. */
function onward({ scheme, recommended, shape }, lab) {
  lab.set({ room: "draw", init: [...new Set([scheme, recommended.scheme])], inputs: shape[1] }, 0);
}

/** Where the pre-activations fall, yours and the recommended ones, and what the activation makes of them. */
function picture({ activation, recommended }, { preactivation, activation: shape, recommended: better }, width) {
  const { x } = preactivation;
  const chart = axes({
    x: { domain: extent(x), label: t("layer.z") },
    y: { domain: [0, 1.1], hidden: true },
    title: t("layer.picture", { activation }),
    label: t("layer.picture.label", { activation, recommended: recommended.scheme }),
    width,
    height: 240,
  });
  const level = (values, low = 0) => {
    const most = Math.max(...values.filter(Number.isFinite));
    return values.map((value, i) => [(better.x ?? x)[i], (value - low) / (most - low || 1)]);
  };
  const filled = (xs, density, style) => {
    const points = level(density).map(([, y], i) => [xs[i], y]);
    band(chart, points.map(([at, y]) => [at, 0, y]), style);
    line(chart, points, style);
  };
  filled(better.x ?? x, better.density, "arm-2");
  filled(x, preactivation.density, "arm-1");
  const bottom = Math.min(...shape.y.filter(Number.isFinite));
  line(chart, level(shape.y, bottom).map(([, y], i) => [(shape.x ?? x)[i], y]), "ink");
  return chart.node;
}

function facts({ mean, std, ratio, recommended, preactivation, saturated, dead, forward_factor, backward_factor }) {
  const rows = [
    ["mean", number(mean), t("layer.fact.mean.help")],
    ["std", number(std), t("layer.fact.std.help", { ratio, wanted: recommended.std, scheme: recommended.scheme })],
    ["z", `${number(preactivation.mean)} ± ${number(preactivation.std)}`, t("layer.fact.z.help")],
    ["saturated", percent(saturated), t("layer.fact.saturated.help")],
    ["dead", percent(dead), t("layer.fact.dead.help")],
    ["forward", `× ${number(forward_factor)}`, t("layer.fact.forward.help")],
    ["backward", `× ${number(backward_factor)}`, t("layer.fact.backward.help")],
  ];
  const head = ["layer.fact", "layer.value", "layer.meaning"].map((key) => t(key));
  return table(t("layer.numbers"), head, rows.map(([name, value, help]) => [t(`layer.fact.${name}`), value, help]));
}

function spellings(codes) {
  const known = Object.entries(codes).filter(([, code]) => code);
  return el("dl", {}, known.flatMap(([library, code]) => [el("dt", {}, library), el("dd", {}, el("code", {}, code), copying(library, code))]));
}

function copying(library, code) {
  const button = el("button", { type: "button", class: "plain", "aria-label": t("layer.copy.label", { library }) }, t("layer.copy"));
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code);
    button.textContent = t("copied");
  });
  return button;
}
