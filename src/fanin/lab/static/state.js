// The experiment: every choice of the reader, as the part of the address after #. What is at its default is left out.

export const ROOMS = ["draw", "propagate", "learn", "layer"];
export const MOST_ARMS = 3;
const LONGEST = 500;

export const DEFAULTS = Object.freeze({
  room: "draw",
  init: ["rand", "randn"],
  seed: 0,
  // draw
  count: 784,
  inputs: 784,
  // propagate
  depth: 10,
  width: 256,
  batch: 256,
  activation: "tanh",
  gain: 1,
  bias: "zeros",
  // learn
  task: "nielsen",
  data: "mnist-mini",
  epochs: 10,
  lr: null,
  biases: "",
  // your layer
  text: "W1 = np.random.rand(30, 784)",
  shape: "",
  unit: "sigmoid",
  layout: "oi",
  language: "",
});

const NULLABLE = new Set(["lr"]);

/** What a hash says; what it says wrongly or not at all is as by default. */
export function parse(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const state = structuredClone(DEFAULTS);
  for (const [key, normal] of Object.entries(DEFAULTS)) {
    if (!given.has(key)) continue;
    const text = given.get(key).slice(0, LONGEST);
    if (Array.isArray(normal)) state[key] = given.getAll(key).slice(0, MOST_ARMS).map((item) => item.slice(0, LONGEST));
    else if (typeof normal === "number" || NULLABLE.has(key)) state[key] = numeral(text, normal);
    else state[key] = text;
  }
  if (!ROOMS.includes(state.room)) state.room = DEFAULTS.room;
  return state;
}

function numeral(text, normal) {
  const value = Number(text);
  return text.trim() === "" || !Number.isFinite(value) ? normal : value;
}

/** The hash of a state. */
export function format(state) {
  const said = new URLSearchParams();
  for (const [key, normal] of Object.entries(DEFAULTS)) {
    if (JSON.stringify(state[key]) === JSON.stringify(normal)) continue;
    for (const value of [state[key]].flat()) said.append(key, value ?? "");
  }
  const readable = { "%2F": "/", "%28": "(", "%29": ")", "%2C": "," };
  return `#${said.toString().replace(/%2[F89C]/g, (code) => readable[code])}`;
}
