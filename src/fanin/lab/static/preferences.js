// What is the reader's and not the experiment's: the language and the colours.

import { el, fill } from "./dom.js";
import { LANGUAGES, liked } from "./words.js";

const LANGUAGE = "fanin-language";
const THEME = "fanin-theme";

/** The language to speak: that of the link, the one chosen last, or what the browser says. */
export function preferred(linked) {
  return liked([linked, remembered(LANGUAGE), ...navigator.languages].filter(Boolean));
}

/** The choice of languages; `chosen(language)` is called with a new one. */
export function languages(chosen) {
  const select = document.getElementById("language");
  fill(select, Object.entries(LANGUAGES).map(([tag, name]) => el("option", { value: tag, lang: tag }, name)));
  select.addEventListener("change", () => {
    remember(LANGUAGE, select.value);
    chosen(select.value);
  });
}

/** The choice of light and dark; `changed` is called when the colours are others. */
export function themes(changed) {
  const select = document.getElementById("theme");
  select.addEventListener("change", () => {
    remember(THEME, select.value);
    dress(select);
    changed();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  const before = remembered(THEME);
  if (["light", "dark"].includes(before)) select.value = before;
  dress(select);
}

function dress({ value }) {
  if (value === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = value;
}

// A preference outlives the page where the browser lets it; where it does not, the page works all the same.

function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch (error) {
    console.info(`not remembered: ${error.name}`);
  }
}

function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch (error) {
    console.info(`nothing remembered: ${error.name}`);
    return null;
  }
}
