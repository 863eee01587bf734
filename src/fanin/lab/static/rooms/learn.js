// Learn: the same network trained under each initialization, side by side, while you watch.

import { expressions } from "../arms.js";
import { el, fill } from "../dom.js";
import { Run } from "../run.js";
import { DEFAULTS } from "../state.js";
import { number, t } from "../words.js";
import { furnish, sentences, verdicts } from "./room.js";
import { Training } from "./training.js";

const EPOCHS = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30];
const BIASES = [["", "learn.bias.task"], "zeros", "randn", "ones", "constant(0.1)"];

export function learn(panel, lab) {
  let run = null;
  const room = furnish(panel, { name: "learn", set: lab.set, again: () => begin() });
  const { form } = room;
  const isOurs = ({ name }) => name === DEFAULTS.task; // the one that the founding question is about comes first
  const tasks = [...lab.options.tasks].sort((a, b) => isOurs(b) - isOurs(a));
  const changed = () => lab.state.room === "learn" && show();
  const begin = () => {
    run?.end();
    room.clear();
    run = new Run(settings(lab.state), changed, room.complain);
    training.follow();
    show();
    run.begin();
  };
  const training = new Training(() => show());
  fill(room.pictures, training.node);

  form.presets("learn.tasks", tasks.map((task) => preset(task)));
  expressions(form, lab.expressions);
  const { buttons, press } = pedals({ begin, run: () => run, lab });
  const seed = el("span", { class: "quiet" });
  form.row(...buttons, seed);
  form.choice({ key: "task", label: "learn.task", options: tasks.map(({ name }) => [name, `task.${name}`]), change: (name) => chosen(tasks, name) });
  form.choice({ key: "data", label: "learn.data", options: lab.options.data });
  form.slider({ key: "epochs", label: "learn.epochs", steps: lab.within("epochs", EPOCHS) });
  form.text({ key: "lr", label: "learn.lr", empty: "learn.lr.task", numeric: true });
  form.choice({ key: "biases", field: "bias", label: "learn.bias", options: BIASES });
  const note = el("p", { class: "quiet", hidden: true, "data-t": "learn.later" });
  form.add(note);
  form.follow((state) => {
    seed.textContent = t("seed", { seed: state.seed });
    note.hidden = !run || run.state === "ended" || same(run.settings, settings(state));
  });

  const show = () => {
    press();
    fill(room.answer, said(run, lab.state));
    room.answer.setAttribute("aria-busy", String(run?.state === "going"));
    if (run) training.show(run);
  };
  addEventListener("pagehide", () => run?.end());
  return { form, update: () => show(), show };
}

/** What the server is asked for. */
function settings({ task, init, seed, epochs, lr, data, biases }) {
  return { task, inits: [...init], seed, epochs, lr, data, bias: biases || null };
}

function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

function preset(task) {
  return { name: task.title, message: `task.${task.name}`, title: task.title, changes: { ...chosen([task], task.name), init: task.inits.slice(0, 3) } };
}

/** A task with its own epochs and learning rate. */
function chosen(tasks, name) {
  const { epochs } = tasks.find((task) => task.name === name);
  return { task: name, epochs: Math.min(epochs, 10), lr: null, biases: "" };
}

/** Start, pause, and again with another seed. */
function pedals({ begin, run, lab }) {
  const go = el("button", { type: "button", class: "main" });
  const again = el("button", { type: "button" });
  go.addEventListener("click", () => {
    const { state } = run() ?? {};
    if (state === "going") run().pause();
    else if (state === "paused") run().resume();
    else begin();
  });
  again.addEventListener("click", () => {
    lab.set({ seed: lab.state.seed + 1 }, 0);
    begin();
  });
  const press = () => {
    const { state } = run() ?? {};
    go.textContent = t({ starting: "learn.starting", going: "learn.pause", paused: "learn.resume" }[state] ?? "learn.start");
    go.disabled = state === "starting";
    again.textContent = t("learn.another");
    again.hidden = !run();
  };
  return { buttons: [go, again], press };
}

/** The plain answer: what will be seen, what is going on, and at the end which learned and why. */
function said(run, { init }) {
  if (!run || (run.state === "ended" && !run.epochs.length)) return el("p", {}, t("learn.before", { inits: init.join(", ") }));
  if (run.done) return verdicts(run.settings.inits, run.done.arms.map(({ words }) => sentences("learn.word", words)));
  const word = { going: "learn.going", paused: "learn.paused" }[run.state] ?? "learn.waiting";
  return el("p", {}, t(word, { of: number(run.settings.epochs) }));
}
