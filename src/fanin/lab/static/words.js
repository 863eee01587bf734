// The reader's language: sentences from one file per language, and numbers as that language writes them.

export const LANGUAGES = { en: "English", es: "Español", zh: "中文", ja: "日本語" };
const TAGS = { zh: "zh-Hans" };

let messages = {};
let language = "en";

/** The first language that we have among those the reader likes. */
export function liked(tags) {
  return tags.map((tag) => tag.toLowerCase().split("-")[0]).find((tag) => Object.hasOwn(LANGUAGES, tag)) ?? "en";
}

/** Loads a language, and says so to the browser. */
export async function speak(wanted) {
  const answer = await fetch(`/static/messages/${wanted}.json`);
  messages = await answer.json();
  language = wanted;
  document.documentElement.lang = TAGS[wanted] ?? wanted;
}

/** Does a sentence stand under this key? */
export function known(key) {
  return Object.hasOwn(messages, key);
}

/** The sentence as text; its gaps `{name}` and `{name%}` are filled with values. */
export function t(key, values = {}) {
  return phrase(key, values).map((part) => part.textContent ?? part).join("");
}

/** The sentence as parts, of which a value may be a node, such as an expression set in <code>. */
export function phrase(key, values = {}) {
  if (!known(key)) {
    console.error(`no message "${key}" in ${language}`);
    return [key];
  }
  return messages[key].split(/(\{[a-z_]+%?\})/).filter(Boolean).map((part) => gap(part, values));
}

function gap(part, values) {
  const found = /^\{([a-z_]+)(%?)\}$/.exec(part);
  if (!found) return part;
  const value = values[found[1]];
  if (value == null) return t("number.none");
  if (typeof value !== "number") return value;
  return found[2] ? percent(value) : number(value);
}

/** A number to three digits; very large and very small ones as powers of ten. */
export function number(value) {
  if (value == null || !Number.isFinite(value)) return t("number.none");
  if (value === 0) return written(0); // there is a −0, too
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return written(value);
  if (size < 1e6 && size >= 1e-4) return written(value, { maximumSignificantDigits: 3 });
  const [mantissa, exponent] = value.toExponential(2).split("e").map(Number);
  const power = `10${raised(exponent)}`;
  return mantissa === 1 ? power : `${written(mantissa)}\u00a0×\u00a0${power}`;
}

function written(value, style = {}) {
  return new Intl.NumberFormat(language, style).format(value).replace("-", "−");
}

function raised(exponent) {
  return [...String(exponent)].map((digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit])).join("");
}

/** A share in per cent; what is not quite all or nothing never rounds to it. */
export function percent(share) {
  if (share == null || !Number.isFinite(share)) return t("number.none");
  if (share > 0 && share < 1e-4) return `<\u00a0${percent(1e-4)}`;
  if (share > 0.999 && share < 1) return `>\u00a0${percent(0.999)}`;
  const digits = share < 0.095 || share > 0.99 ? { maximumSignificantDigits: share < 0.095 ? 2 : 3 } : { maximumFractionDigits: 0 };
  return written(share, { style: "percent", ...digits });
}

/** Puts the language into everything below `root` that names its message: text by data-t, names by data-label. */
export function translate(root) {
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
}
