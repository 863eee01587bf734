// Histograms: one with an axis, and a strip of many, a layer each.

import { svg } from "../dom.js";
import { number } from "../words.js";
import { axes } from "./chart.js";
import { scale, ticks } from "./scale.js";

const MOST_ROWS = 12; // of a deeper network as many are shown, evenly chosen
const ROW = 26;

/** The outline of counts over edges, `high` tall above `floor`. */
export function steps({ edges, counts }, across, floor, high) {
  const densest = Math.max(...counts.map((count, i) => count / (edges[i + 1] - edges[i] || 1)));
  let path = `M${across.clamp(edges[0]).toFixed(1)},${floor}`;
  counts.forEach((count, i) => {
    const y = floor - (densest > 0 ? (high * count) / (edges[i + 1] - edges[i] || 1) / densest : 0);
    path += `V${y.toFixed(1)}H${across.clamp(edges[i + 1]).toFixed(1)}`;
  });
  return `${path}V${floor}Z`;
}

/** One histogram to its own height, with the law's mean as a dot and its std to both sides as a ruler. */
export function histogram({ data, domain, arm, mean, std, title, label }) {
  const chart = axes({ x: { domain }, y: { domain: [-0.12, 1], hidden: true }, title, label });
  const floor = chart.at.y(0);
  chart.plot.append(svg("path", { d: steps(data, chart.at.x, floor, floor - chart.at.y(1)), class: `bars arm-${arm}` }));
  if (mean != null) {
    const y = chart.at.y(-0.06);
    const [from, to] = [chart.at.x(mean - (std ?? 0)), chart.at.x(mean + (std ?? 0))];
    chart.plot.append(svg("line", { x1: from, x2: to, y1: y, y2: y, class: "ruler" }));
    chart.plot.append(svg("circle", { cx: chart.at.x(mean), cy: y, r: 3, class: "ruler" }));
  }
  return chart.node;
}

/** As many of `count` rows as a strip holds: the first, the last, and evenly between them. */
export function chosen(count) {
  if (count <= MOST_ROWS) return [...Array(count).keys()];
  return [...Array(MOST_ROWS).keys()].map((i) => Math.round((i * (count - 1)) / (MOST_ROWS - 1)));
}

/** A strip: `rows` of {name, histogram, remark}, one below the other on one domain, each to its own height. */
export function strip({ rows, domain, arm, title, remark, label }) {
  const shown = chosen(rows.length).map((i) => rows[i]);
  const [left, right, top] = [26, 268, 24];
  const bottom = top + ROW * shown.length;
  const across = scale(domain, [left, right]);
  const node = svg("svg", { viewBox: `0 0 340 ${bottom + 20}`, role: "img", "aria-label": label });
  node.append(svg("text", { x: 4, y: 12, class: "title" }, title));
  if (remark) node.append(svg("text", { x: 336, y: 12, class: "tick end" }, remark));
  shown.forEach((row, i) => {
    const floor = top + ROW * (i + 1);
    node.append(svg("line", { x1: left, x2: right, y1: floor, y2: floor, class: "grid" }));
    node.append(svg("text", { x: left - 6, y: floor - 3, class: "tick end" }, row.name));
    if (row.histogram) node.append(svg("path", { d: steps(row.histogram, across, floor, ROW - 4), class: `bars arm-${arm}` }));
    node.append(svg("text", { x: 336, y: floor - 3, class: "tick end" }, row.remark ?? ""));
  });
  for (const value of ticks(domain)) {
    node.append(svg("text", { x: across(value), y: bottom + 14, class: "tick middle" }, number(Number(value.toPrecision(6)))));
  }
  return node;
}

/** One range for all, with 0 in its middle, or at its left where nothing is negative: what leans is seen at once. */
export function around(histograms) {
  const ends = histograms.flatMap(({ edges }) => [edges[0], edges.at(-1)]).filter(Number.isFinite);
  const reach = 1.03 * Math.max(...ends.map(Math.abs), 1e-12);
  return [ends.some((end) => end < 0) ? -reach : -0.03 * reach, reach];
}
