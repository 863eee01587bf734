// A pair of quiet axes, and the marks to put between them.

import { svg } from "../dom.js";
import { number } from "../words.js";
import { decades, scale, ticks } from "./scale.js";

const EDGE = { left: 46, right: 10, top: 24, bottom: 34 };

/**
 * Axes of `width` by `height`: `x` and `y` are {domain, log, label, hidden}; `title` stands above.
 * `label` says in words what the picture shows. Marks go into `plot`, placed by `at.x` and `at.y`.
 */
export function axes({ x, y, title, label, width = 280, height = 180 }) {
  const edge = { ...EDGE, left: y.hidden ? 10 : EDGE.left };
  const [right, bottom] = [width - edge.right, height - edge.bottom];
  const at = {
    x: scale(x.domain, [edge.left, right], x.log),
    y: scale(y.domain, [bottom, edge.top], y.log),
  };
  const view = [edge.left, edge.top, right - edge.left, bottom - edge.top];
  // a picture inside the picture: what leaves the axes is cut off
  const plot = svg("svg", { x: view[0], y: view[1], width: view[2], height: view[3], viewBox: view.join(" ") });
  const node = svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
    svg("text", { x: y.hidden ? edge.left : 4, y: 12, class: "title" }, title),
    y.hidden ? null : marks(at.y, y).map(([value, name]) => across(at.y(value), name, edge.left, right)),
    svg("line", { x1: edge.left, x2: right, y1: bottom, y2: bottom, class: "axis" }),
    marks(at.x, x).map(([value, name]) => below(at.x(value), name, bottom, right)),
    x.label ? svg("text", { x: right, y: height - 4, class: "tick end" }, x.label) : null,
    plot,
  );
  return { node, plot, at, floor: bottom };
}

function marks(at, { domain, ticks: given, whole }) {
  const values = given ?? (at.log ? decades(domain) : ticks(domain));
  const shown = at.log && values.length < 2 ? ticks(domain, 3).filter((value) => value > 0) : values;
  return shown.filter((value) => !whole || Number.isInteger(value)).map((value) => [value, number(rounded(value))]);
}

function rounded(value) {
  return Number(value.toPrecision(6));
}

function across(y, name, left, right) {
  return [
    svg("line", { x1: left, x2: right, y1: y, y2: y, class: "grid" }),
    svg("text", { x: left - 6, y: y + 3.5, class: "tick end" }, name),
  ];
}

function below(x, name, bottom, right) {
  const last = x > right - 3 * name.length; // it would stick out
  return svg("text", { x: last ? right + 6 : x, y: bottom + 14, class: `tick ${last ? "end" : "middle"}` }, name);
}

/** A line through points [x, y]; it breaks where a value is missing. */
export function line(chart, points, style) {
  let path = "";
  let on = false;
  for (const [x, y] of points) {
    const here = y != null && Number.isFinite(y);
    if (here) path += `${on ? "L" : "M"}${place(chart, x, y)}`;
    on = here;
  }
  chart.plot.append(svg("path", { d: path, class: `line ${style}` }));
}

/** A band between points [x, low, high]. */
export function band(chart, points, style) {
  const known = points.filter(([, low, high]) => Number.isFinite(low) && Number.isFinite(high));
  if (!known.length) return;
  const there = known.map(([x, , high]) => place(chart, x, high));
  const back = known.map(([x, low]) => place(chart, x, low)).reverse();
  chart.plot.append(svg("path", { d: `M${[...there, ...back].join("L")}Z`, class: `band ${style}` }));
}

/** Dots at points [x, y]; on a logarithmic axis those below it lie hollow on its floor. */
export function dots(chart, points, style) {
  for (const [x, y] of points) {
    if (y == null || !Number.isFinite(y)) continue;
    const under = y < chart.at.y.domain[0];
    const spot = { cx: chart.at.x(x), cy: chart.at.y.clamp(y) - (under ? 3 : 0), r: 2.6 };
    chart.plot.append(svg("circle", { ...spot, class: `dot ${style}${under ? " under" : ""}` }));
  }
}

/** A level line across at `y`, or upright at `x`. */
export function rule(chart, { x, y }) {
  const [[left, right], [low, high]] = [chart.at.x.domain, chart.at.y.domain];
  const points = x == null ? [[left, y], [right, y]] : [[x, low], [x, high]];
  line(chart, points, "rule");
}

function place(chart, x, y) {
  return `${chart.at.x(x).toFixed(1)},${chart.at.y.clamp(y).toFixed(1)}`;
}
