// The page: four rooms of which one is open, one state, and the address that tells it.

import { el, fill } from "./dom.js";
import { languages, preferred, themes } from "./preferences.js";
import { Gone, ask } from "./request.js";
import { draw } from "./rooms/draw.js";
import { layer } from "./rooms/layer.js";
import { learn } from "./rooms/learn.js";
import { propagate } from "./rooms/propagate.js";
import { MOST_ARMS, ROOMS, format, parse } from "./state.js";
import { speak, t, translate } from "./words.js";

const MAKERS = { draw, propagate, learn, layer };
const REST = 250; // ms without a change before the address is written: a slider on its way leaves no trail

const rooms = {};
let writing = 0;

const lab = {
  state: parse(location.hash),
  options: null,
  /** Changes the experiment; the open room answers after `wait` ms. */
  set(changes, wait) {
    Object.assign(lab.state, changes);
    settle(wait);
    clearTimeout(writing);
    writing = setTimeout(write, REST);
    if (changes.room) enter();
  },
  /** Those steps of a slider that the server allows. */
  within(key, steps) {
    const [least, most] = lab.options.limits[key] ?? [-Infinity, Infinity];
    return steps.filter((step) => step >= least && step <= most);
  },
};

function write() {
  clearTimeout(writing);
  const hash = format(lab.state);
  if (hash !== (location.hash || "#")) history.pushState(null, "", hash);
}

/** Brings the open room up to the state, once it is furnished. */
function settle(wait) {
  const room = rooms[lab.state.room];
  if (!room) return;
  room.form.refresh(lab.state);
  room.update(wait);
}

/** Opens the room of the state. */
function enter() {
  for (const name of ROOMS) {
    const open = name === lab.state.room;
    const tab = document.getElementById(`tab-${name}`);
    tab.setAttribute("aria-selected", String(open));
    tab.tabIndex = open ? 0 : -1;
    document.getElementById(name).hidden = !open;
  }
  document.title = `${t(`room.${lab.state.room}`)} · fanin lab`;
}

function tabs() {
  for (const [i, name] of ROOMS.entries()) {
    const tab = document.getElementById(`tab-${name}`);
    tab.addEventListener("click", () => lab.set({ room: name }, 0));
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowRight: i + 1, ArrowLeft: i - 1 + ROOMS.length, Home: 0, End: ROOMS.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      lab.set({ room: ROOMS[to % ROOMS.length] }, 0);
      document.getElementById(`tab-${lab.state.room}`).focus();
    });
  }
}

async function talk(language) {
  await speak(language);
  document.getElementById("language").value = language;
  translate(document);
  enter();
  for (const room of Object.values(rooms)) {
    room.form.refresh(lab.state);
    room.show();
  }
  settle(0); // a complaint, too, comes again in the new language
}

function link() {
  const button = document.getElementById("link");
  const said = document.getElementById("said");
  button.addEventListener("click", async () => {
    write();
    try {
      await navigator.clipboard.writeText(location.href);
      said.textContent = t("copied");
    } catch {
      said.textContent = location.href; // no permission: there it is, to be copied by hand
    }
  });
}

/** Furnishes the rooms with what the server offers. */
async function open() {
  const place = document.getElementById("opening");
  try {
    lab.options = await ask("/api/options");
  } catch (error) {
    const help = error instanceof Gone ? t("error.gone.help") : error.message;
    fill(place, el("strong", {}, t("error.gone")), el("p", {}, help), el("button", { type: "button", click: open }, t("again")));
    place.hidden = false;
    return;
  }
  place.hidden = true;
  fill(document.getElementById("inits"), lab.options.inits.map((value) => el("option", { value })));
  lab.expressions = { suggestions: "inits", most: Math.min(lab.options.arms, MOST_ARMS), set: lab.set };
  for (const name of ROOMS) rooms[name] = MAKERS[name](document.getElementById(name), lab);
  document.getElementById("version").textContent = lab.options.version;
  translate(document);
  enter();
  settle(0);
}

addEventListener("popstate", async () => {
  clearTimeout(writing);
  const spoken = lab.state.language;
  lab.state = parse(location.hash);
  if (!rooms[lab.state.room]) return; // the page is still opening, and will find this state
  if (lab.state.language !== spoken) await talk(preferred(lab.state.language));
  enter();
  settle(0);
});

const redraw = () => rooms[lab.state.room]?.show();
themes(redraw);
languages((language) => {
  lab.state.language = language;
  write();
  talk(language);
});
let width = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === width) return; // a phone's bar that comes and goes
  width = innerWidth;
  redraw();
});
tabs();
link();
await talk(preferred(lab.state.language));
await open();
