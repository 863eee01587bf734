// Draw: the numbers an expression gives, and why a sample's mean is not quite the law's.

import { expressions } from "../arms.js";
import { details, el, fill, swatch, table } from "../dom.js";
import { axes, band, dots, line, rule } from "../pictures/chart.js";
import { histogram } from "../pictures/histogram.js";
import { extent } from "../pictures/scale.js";
import { ask } from "../request.js";
import { number, phrase, t } from "../words.js";
import { asking, beside, drawingAgain, figure, furnish, onward, verdicts, wide } from "./room.js";

const COUNTS = [10, 20, 50, 100, 200, 500, 784, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000, 1000000];
const INPUTS = [1, 2, 5, 10, 20, 50, 100, 200, 400, 784, 1000, 2000, 4096];
const SHIFT = 0.3; // |mean| over std from which a law counts as shifted, as `fanin explain` has it
const WIDE = 3; // sum's std from which most sigmoids and tanhs are flat
const NARROW = 0.3;

const QUESTIONS = [
  { message: "draw.preset.rand", changes: { init: ["rand", "randn"], count: 784, inputs: 784 } },
  { message: "draw.preset.centred", changes: { init: ["rand", "rand-0.5"], count: 784, inputs: 784 } },
  { message: "draw.preset.scaled", changes: { init: ["randn", "randn/sqrt(fan_in)", "he_normal"], count: 10000, inputs: 784 } },
  { message: "draw.preset.mean", changes: { init: ["randn"], count: 100, inputs: 784 } },
  { message: "draw.preset.truncated", changes: { init: ["normal(0, 1)", "truncated_normal(0, 1)"], count: 100000, inputs: 784 } },
];

export function draw(panel, lab) {
  const room = furnish(panel, { name: "draw", set: lab.set, again: () => question.update(0) });
  const { form } = room;
  form.presets("draw.presets", QUESTIONS);
  expressions(form, lab.expressions);
  form.slider({ key: "count", label: "draw.count", steps: lab.within("count", COUNTS) });
  form.slider({ key: "inputs", field: "shape", label: "draw.inputs", steps: INPUTS });
  drawingAgain(form, lab);

  const work = async (signal) => {
    const { init, count, seed, inputs } = lab.state;
    return { inputs, ...(await ask("/api/draw", { query: { init, count, seed, shape: `30x${inputs}` }, signal })) };
  };
  const question = asking(room, work, (answer) => paint(room, answer, lab));
  return question;
}

function paint(room, { samples, inputs }, lab) {
  fill(room.answer, verdicts(samples.map(({ init }) => init), samples.map((sample) => [judged(sample, inputs)])));
  const domain = extent(samples.flatMap(({ histogram: h }) => [h.edges[0], h.edges.at(-1), 0]), 0.03);
  fill(
    room.pictures,
    samples.map((sample, arm) => article(sample, arm, domain)),
    el("h3", {}, t("draw.sums")),
    figure(sums(samples, inputs, wide(room.pictures)), t("draw.sums.caption", { n: inputs })),
    details(t("numbers"), numbers(samples, inputs)),
    onward("onward.propagate", () => lab.set({ room: "propagate" }, 0)),
  );
}

/** What a law does to a unit that adds up so many of its weights. */
function judged({ expected, mean, std }, n) {
  const law = { mean: expected?.mean ?? mean, std: expected?.std ?? std };
  const values = { ...law, n, sum: n * law.mean, spread: Math.sqrt(n) * law.std };
  if (law.std === 0) return phrase("draw.constant", values);
  if (Math.abs(law.mean) > SHIFT * law.std) return phrase("draw.shifted", values);
  return phrase(values.spread > WIDE ? "draw.wide" : values.spread < NARROW ? "draw.narrow" : "draw.fits", values);
}

function article(sample, arm, domain) {
  const { init, histogram: data, expected, convergence } = sample;
  const title = el("h3", {}, swatch(arm), el("code", {}, init));
  const label = t("draw.histogram.label", { init, mean: sample.mean, std: sample.std });
  const pictures = [
    figure(histogram({ data, domain, arm, mean: expected?.mean, std: expected?.std, title: t("draw.histogram"), label })),
    ...["mean", "std"].map((statistic) => figure(converging(sample, statistic, arm))),
  ];
  const words = chance(sample);
  return el(
    "article",
    {},
    title,
    beside(...pictures),
    words ? el("p", { class: "quiet" }, words) : null,
    details(t("draw.convergence.numbers", { init }), converged(init, convergence)),
  );
}

/** How far the sample's mean is from the law's, in standard errors: is that chance? */
function chance({ mean, mean_se: error, expected, count }) {
  if (expected?.mean == null || !error) return null;
  const away = Math.abs(mean - expected.mean) / error;
  return phrase(away < 3 ? "draw.chance" : "draw.rare", { count, mean, law: expected.mean, away, error });
}

/** The mean or std of the first n draws against n, with the law's value across and ±2 std/√n around a mean. */
function converging({ init, convergence, expected, std }, statistic, arm) {
  const points = convergence.filter((point) => point[statistic] != null).map((point) => [point.count, point[statistic]]);
  const law = expected?.[statistic];
  const spread = (n) => (2 * (expected?.std ?? std)) / Math.sqrt(n);
  const ends = points.length ? [points[0][0], points.at(-1)[0]] : [1, 10];
  const around = law == null || statistic === "std" ? [] : curve(ends).map((n) => [n, law - spread(n), law + spread(n)]);
  const values = [...points.map(([, y]) => y), law, ...around.flatMap(([, low, high]) => [low, high])];
  const chart = axes({
    x: { domain: ends, log: true, label: t("draw.n") },
    y: { domain: extent(values, 0.06) ?? [0, 1] },
    title: t(`draw.converging.${statistic}`),
    label: t(`draw.converging.${statistic}.label`, { init, law, last: points.at(-1)?.[1] }),
  });
  band(chart, around, "plain");
  if (law != null) rule(chart, { y: law });
  line(chart, points, `arm-${arm}`);
  dots(chart, points, `arm-${arm}`);
  return chart.node;
}

function curve([first, last]) {
  return [...Array(41).keys()].map((i) => first * (last / first) ** (i / 40));
}

/** What a unit adds up where every input is 1, by the central limit theorem, over the range where a sigmoid responds. */
function sums(samples, n, width) {
  const laws = samples.map(({ expected, mean, std }) => [n * (expected?.mean ?? mean), Math.sqrt(n) * (expected?.std ?? std)]);
  const domain = extent([...laws.flatMap(([m, s]) => [m - 3.5 * s, m + 3.5 * s]), -10, 10], 0.03);
  const chart = axes({
    x: { domain },
    y: { domain: [0, 1.08], hidden: true },
    title: t("draw.sums.title", { n }),
    label: t("draw.sums.label", { n }),
    width,
    height: 170,
  });
  band(chart, [[-5, 0, 1.08], [5, 0, 1.08]], "plain");
  laws.forEach(([m, s], arm) => {
    if (s === 0) return rule(chart, { x: m });
    const bell = [...Array(141).keys()].map((i) => m + ((i - 70) / 20) * s).map((x) => [x, Math.exp(-(((x - m) / s) ** 2) / 2)]);
    band(chart, bell.map(([x, y]) => [x, 0, y]), `arm-${arm}`);
    return line(chart, bell, `arm-${arm}`);
  });
  return chart.node;
}

function numbers(samples, n) {
  const head = [t("arms"), ...["count", "mean", "law.mean", "std", "law.std", "least", "most", "sum"].map((name) => t(`draw.table.${name}`, { n }))];
  return table(
    t("numbers"),
    head,
    samples.map(({ init, count, mean, mean_se, std, std_se, min, max, expected }) => [
      el("code", {}, init),
      number(count),
      `${number(mean)} ± ${number(mean_se)}`,
      number(expected?.mean),
      `${number(std)} ± ${number(std_se)}`,
      number(expected?.std),
      number(min),
      number(max),
      `${number(n * (expected?.mean ?? mean))} ± ${number(Math.sqrt(n) * (expected?.std ?? std))}`,
    ]),
  );
}

function converged(init, points) {
  const head = ["count", "mean", "std"].map((name) => t(`draw.table.${name}`));
  return table(t("draw.convergence.numbers", { init }), head, points.map(({ count, mean, std }) => [count, mean, std].map(number)));
}
