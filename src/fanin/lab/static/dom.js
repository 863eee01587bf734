// Elements made by hand: text goes in as text, so that nothing a link or a server says can become markup.

// The name of SVG's namespace comes from the page's own <svg>, so that no address stands in the sources.
const SVG = document.querySelector("svg").namespaceURI;

/** An HTML element with attributes (functions are listeners, false and null leave one out) and children. */
export function el(tag, attributes = {}, ...children) {
  return dress(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return dress(document.createElementNS(SVG, tag), attributes, children);
}

function dress(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child != null));
  return node;
}

/** Puts children into a place instead of those that were there. */
export function fill(place, ...children) {
  place.replaceChildren(...children.flat(Infinity).filter((child) => child != null));
}

/** The mark of one arm's colour; the name beside it says the same to those who do not see it. */
export function swatch(arm) {
  return el("span", { class: `swatch arm-${arm}`, "aria-hidden": "true" });
}

/** A table that scrolls by itself where it is too wide; `head` and `rows` hold text or nodes. */
export function table(label, head, rows) {
  const cells = (row) => row.map((cell, i) => el(i ? "td" : "th", i ? {} : { scope: "row" }, cell));
  return el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, head.map((cell) => el("th", { scope: "col" }, cell)))),
      el("tbody", {}, rows.map((row) => el("tr", {}, cells(row)))),
    ),
  );
}

/** A part that opens, such as the numbers behind a picture; it stays as the reader left it when it is drawn again. */
export function details(summary, ...children) {
  const key = summary;
  const node = el("details", { open: OPEN.has(key) }, el("summary", {}, summary), ...children);
  node.addEventListener("toggle", () => (node.open ? OPEN.add(key) : OPEN.delete(key)));
  return node;
}

const OPEN = new Set();
