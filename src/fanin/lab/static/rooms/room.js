// What all rooms have: a question, the plain answer, presets, the inputs at the side, the pictures, and complaints.

import { el, fill, swatch } from "../dom.js";
import { Form } from "../form.js";
import { Gone, newest } from "../request.js";
import { known, phrase, t } from "../words.js";

/** Furnishes a room; `again` asks the server once more. */
export function furnish(panel, { name, set, again }) {
  const form = new Form(set);
  const answer = el("div", { class: "answer", "aria-live": "polite" }, el("p", { class: "quiet", "data-t": "computing" }));
  const trouble = el("div", { class: "trouble", role: "alert", hidden: true });
  const pictures = el("div", { class: "pictures" });
  fill(
    panel,
    el("h2", { class: "kind", "data-t": `${name}.question` }),
    answer,
    form.shelf,
    form.node,
    el("div", { class: "stage" }, trouble, pictures),
  );
  return { form, answer, pictures, ...complaints({ form, answer, trouble, pictures, again }) };
}

/** What a room asks: `work(signal)` asks, `paint(answer)` shows the newest answer, again where the language changed. */
export function asking(room, work, paint) {
  let shown = null;
  const show = () => shown && paint(shown);
  const update = newest({
    work,
    then: (answer) => {
      room.clear();
      shown = answer;
      show();
    },
    fault: room.complain,
  });
  return { form: room.form, update, show };
}

/** Another seed at the press of a button. */
export function drawingAgain(form, lab) {
  const seed = el("span", { class: "quiet seed" });
  const next = () => lab.set({ seed: lab.state.seed + 1 }, 0);
  form.row(el("button", { type: "button", class: "main", "data-t": "draw.again", click: next }), seed);
  form.follow((state) => (seed.textContent = t("seed", { seed: state.seed })));
}

function complaints({ form, answer, trouble, pictures, again }) {
  const clear = () => {
    trouble.hidden = true;
    form.clear();
    pictures.classList.remove("old");
  };
  const complain = (error) => {
    clear();
    pictures.classList.add("old");
    if (!pictures.hasChildNodes()) fill(answer); // nothing to see yet, and nothing on its way
    if (!(error instanceof Gone) && error.status === undefined) console.error(error); // a mistake of ours, not of the reader's
    const heading = headed(error);
    if (error.field && form.fault(error.field, `${heading} ${error.message}`)) return;
    const retry = el("button", { type: "button", click: again }, t("again"));
    fill(trouble, el("strong", {}, heading), el("p", {}, error instanceof Gone ? t("error.gone.help") : error.message), retry);
    trouble.hidden = false;
  };
  return { clear, complain };
}

function headed(error) {
  if (error instanceof Gone) return t("error.gone");
  const key = `error.${error.code}`;
  return known(key) ? t(key) : t("error.other");
}

/** What is the matter with each arm: its expression, and one sentence after another, of which it may be the subject. */
export function verdicts(inits, sentences, between = " ") {
  return inits.map((init, i) => el("p", {}, swatch(i), el("code", {}, init), between, sentences[i].flatMap((parts) => [...parts, " "])));
}

/** The sentences for the server's {code, values}; a code without one is shown as it is. */
export function sentences(kind, words) {
  return words.map(({ code, values, text }) => {
    const nothing = `${kind}.${code}.none`; // where a ratio of nothing would be said
    const key = values.first === 0 && known(nothing) ? nothing : `${kind}.${code}`;
    return known(key) ? phrase(key, values) : [text ?? code];
  });
}

/** A picture and what to know of it. */
export function figure(picture, caption) {
  return el("figure", {}, picture, caption ? el("figcaption", {}, caption) : null);
}

/** Pictures beside one another, as far as the page is wide. */
export function beside(...pictures) {
  return el("div", { class: "beside" }, ...pictures);
}

/** A step on to another room with the same choices. */
export function onward(message, go) {
  return el("p", { class: "onward" }, el("button", { type: "button", class: "link", click: go }, `${t(message)} →`));
}

/** The width of a picture that spans the stage, in its own units: text in it is then as large as in the others. */
export function wide(stage) {
  return Math.min(Math.max(stage.clientWidth, 300), 720);
}
