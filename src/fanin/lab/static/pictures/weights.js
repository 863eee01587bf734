// The weights of the first layer as images, a tile per unit: blue below zero, orange above, as on a map of heights.

import { el } from "../dom.js";

const LOOKED_AT = 30;
const ACROSS = 10;
const GAP = 1; // between tiles, in weights
const CENTRE = 128;

/** A canvas with the units' weights; the page's own colours, so that light and dark both hold. */
export function weights({ rows, columns, units, label }) {
  const shown = units.slice(0, LOOKED_AT);
  const across = Math.min(ACROSS, shown.length);
  const down = Math.ceil(shown.length / across);
  const canvas = el("canvas", {
    class: "weights",
    width: across * (columns + GAP) - GAP,
    height: down * (rows + GAP) - GAP,
    role: "img",
    "aria-label": label,
  });
  const brush = canvas.getContext("2d");
  const colours = palette();
  shown.forEach((unit, i) => {
    const tile = painted(brush, atob(unit), rows, columns, colours);
    brush.putImageData(tile, (i % across) * (columns + GAP), Math.floor(i / across) * (rows + GAP));
  });
  return canvas;
}

function painted(brush, bytes, rows, columns, { low, middle, high }) {
  const tile = brush.createImageData(columns, rows);
  for (let i = 0; i < rows * columns; i++) {
    const value = (bytes.charCodeAt(i) - CENTRE) / 127;
    const end = value < 0 ? low : high;
    const share = Math.min(Math.abs(value), 1);
    for (let c = 0; c < 3; c++) tile.data[4 * i + c] = middle[c] + share * (end[c] - middle[c]);
    tile.data[4 * i + 3] = 255;
  }
  return tile;
}

function palette() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => {
    const digits = style.getPropertyValue(name).trim().slice(1);
    return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
  };
  return { low: colour("--arm-0"), middle: colour("--soft"), high: colour("--arm-1") };
}
