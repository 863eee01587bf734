// The inputs of one room. They show the state, change it, and carry the server's complaint beside the one at fault.

import { el } from "./dom.js";
import { known, t } from "./words.js";

export const TYPING = 300; // ms of rest before a half-typed text is asked about
const SLIDING = 50;

let serial = 0;

/** A form: `set(changes, wait)` changes the experiment. */
export class Form {
  #shown = []; // functions that bring an input up to a state
  #places = new Map(); // field -> what to mark and where to complain
  #set;

  constructor(set) {
    this.#set = set;
    this.shelf = el("div", { class: "shelf" });
    this.node = el("form", { class: "controls", "data-label": "controls", submit: (event) => event.preventDefault() });
  }

  /** Brings every input up to the state. */
  refresh(state) {
    for (const show of this.#shown) show(state);
  }

  add(...nodes) {
    this.node.append(...nodes);
  }

  /** Calls `show(state)` whenever the state changed. */
  follow(show) {
    this.#shown.push(show);
  }

  /** Where a complaint about `field` goes: the inputs to mark, and an empty line for it. */
  place(field, ...inputs) {
    const line = el("p", { class: "error", id: `fault-${++serial}`, hidden: true, role: "alert" });
    this.#places.set(field, { inputs, line });
    return line;
  }

  /** Puts a complaint beside the input at fault; false if it belongs to none. */
  fault(field, message) {
    const place = this.#places.get(field);
    if (!place) return false;
    place.line.textContent = message;
    place.line.hidden = false;
    for (const input of place.inputs) {
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", place.line.id);
    }
    return true;
  }

  /** Takes all complaints back. */
  clear() {
    for (const { inputs, line } of this.#places.values()) {
      line.hidden = true;
      line.textContent = "";
      for (const input of inputs) {
        input.removeAttribute("aria-invalid");
        input.removeAttribute("aria-describedby");
      }
    }
  }

  /** A slider over `steps` with the exact number beside it, which may be any; `field` is its name to the server. */
  slider({ key, label, steps, field = key }) {
    const at = `${key}-${++serial}`;
    const number = el("input", { type: "number", step: "any", "data-label": label, inputmode: "decimal" });
    const range = el("input", { type: "range", id: at, min: 0, max: steps.length - 1, step: 1 });
    const show = (state) => {
      range.value = nearest(steps, state[key]);
      range.setAttribute("aria-valuetext", String(state[key]));
      if (number.valueAsNumber !== state[key]) number.value = state[key]; // what is being typed stays as typed
    };
    range.addEventListener("input", () => this.#set({ [key]: steps[range.valueAsNumber] }, SLIDING));
    number.addEventListener("input", () => {
      if (Number.isFinite(number.valueAsNumber)) this.#set({ [key]: number.valueAsNumber }, TYPING);
    });
    this.follow(show);
    const line = this.place(field, number);
    this.add(el("div", { class: "control" }, el("label", { for: at, "data-t": label }), el("div", { class: "slide" }, range, number), line));
  }

  /** A text as the reader types it, or a number; `empty` names the message shown while nothing is typed. */
  text({ key, label, empty, numeric = false, area = false, suggestions }) {
    const id = `${key}-${++serial}`;
    const input = el(area ? "textarea" : "input", {
      id,
      rows: area ? 3 : null,
      spellcheck: "false",
      autocomplete: "off",
      autocapitalize: "off",
      maxlength: 500,
      list: suggestions,
      class: "code",
      inputmode: numeric ? "decimal" : null,
    });
    input.addEventListener("input", () => {
      const value = numeric ? optional(input.value) : input.value;
      if (value !== undefined) this.#set({ [key]: value }, TYPING);
    });
    this.follow((state) => {
      if ((numeric ? optional(input.value) : input.value) !== state[key]) input.value = state[key] ?? "";
      if (empty) input.placeholder = t(empty);
    });
    this.add(el("div", { class: "control" }, el("label", { for: id, "data-t": label }), input, this.place(key, input)));
  }

  /** One of several: `options` are values, or [value, key of its message]. */
  choice({ key, label, options, field = key, change = (value) => ({ [key]: value }) }) {
    const id = `${key}-${++serial}`;
    const select = el("select", { id });
    for (const option of options) {
      const [value, name] = [option].flat();
      select.append(el("option", { value, "data-t": known(name) ? name : null }, value));
    }
    select.addEventListener("change", () => this.#set(change(select.value), 0));
    this.follow((state) => {
      const value = state[key];
      if (![...select.options].some((option) => option.value === value)) select.append(el("option", { value }, value));
      select.value = value;
    });
    this.add(el("div", { class: "control" }, el("label", { for: id, "data-t": label }), select, this.place(field, select)));
  }

  /** Short questions or settings of papers, each changing several choices at once; they lie on the shelf above. */
  presets(label, presets) {
    const buttons = presets.map(({ name, message, title, changes }) =>
      el("button", { type: "button", class: "preset", title, "data-t": known(message) ? message : null, click: () => this.#set(changes, 0) }, name ?? ""),
    );
    this.shelf.append(el("fieldset", { class: "presets" }, el("legend", { "data-t": label }), el("div", { class: "chips" }, ...buttons)));
  }

  /** A row of buttons. */
  row(...buttons) {
    this.add(el("div", { class: "buttons" }, ...buttons));
  }

  /** Forgets the place of a field whose input is no longer there. */
  forget(field) {
    this.#places.delete(field);
  }
}

function nearest(steps, value) {
  const far = steps.map((step) => Math.abs(Math.log((step + 1e-9) / (Math.abs(value) + 1e-9))));
  return far.indexOf(Math.min(...far));
}

function optional(text) {
  if (text.trim() === "") return null;
  const value = Number(text.replace(",", "."));
  return Number.isFinite(value) ? value : undefined;
}
