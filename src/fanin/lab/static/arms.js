// The expressions under comparison. All rooms share them, so that what was drawn can be propagated and trained.

import { el, fill, swatch } from "./dom.js";
import { TYPING } from "./form.js";
import { t } from "./words.js";

const NEXT = "randn/sqrt(fan_in)";

/** One to `most` inputs in a form, each with its colour. */
export function expressions(form, { suggestions, most, set }) {
  const list = el("div", { class: "arms" });
  const add = el("button", { type: "button", class: "plain", "data-t": "arms.add" });
  let inits = [];
  const focus = (i) => list.querySelectorAll("input")[i].focus();
  add.addEventListener("click", () => {
    set({ init: [...inits, NEXT] }, 0);
    focus(inits.length - 1);
  });
  const change = (i, value) => set({ init: inits.map((init, j) => (i === j ? value : init)) }, TYPING);
  const remove = (i) => {
    set({ init: inits.filter((_, j) => i !== j) }, 0);
    focus(Math.min(i, inits.length - 1)); // the button that had the focus is gone
  };
  const build = () => {
    for (let i = 0; i < most; i++) form.forget(`init.${i}`);
    fill(list, inits.map((_, i) => arm(form, { i, alone: inits.length === 1, change, remove, suggestions })));
  };
  form.follow((state) => {
    const anew = state.init.length !== inits.length;
    inits = [...state.init];
    if (anew) build();
    list.querySelectorAll("input").forEach((input, i) => {
      if (input.value !== inits[i]) input.value = inits[i];
      input.setAttribute("aria-label", t("arms.one", { n: i + 1 }));
    });
    list.querySelectorAll("button").forEach((button, i) => button.setAttribute("aria-label", t("arms.remove", { n: i + 1 })));
    add.hidden = inits.length >= most;
  });
  form.add(el("fieldset", {}, el("legend", { "data-t": "arms" }), list, add));
}

function arm(form, { i, alone, change, remove, suggestions }) {
  const input = el("input", {
    class: "code",
    list: suggestions,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    maxlength: 500,
    input: () => change(i, input.value),
  });
  const button = el("button", { type: "button", class: "remove", hidden: alone, click: () => remove(i) }, "×");
  return el("div", { class: "arm" }, swatch(i), input, button, form.place(`init.${i}`, input));
}
