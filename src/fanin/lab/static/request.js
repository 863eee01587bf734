// Questions to the server that this page came from.

const PAGE = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** The server's answer was no: `status`, its clear line as the message, and the `field` at fault if it named one. */
export class Refusal extends Error {
  constructor(status, { error, code, field }) {
    super(error ?? String(status));
    Object.assign(this, { status, code, field });
  }
}

/** Nothing answered at all. */
export class Gone extends Error {}

/** Asks; `query` holds text, numbers and lists. The answer's JSON, or null where it has none. */
export async function ask(path, { query = {}, method = "GET", body, signal } = {}) {
  const headers = { "X-Fanin-Page": PAGE, ...(body && { "Content-Type": "application/json" }) };
  let answer;
  try {
    answer = await fetch(path + written(query), { method, headers, signal, body: body && JSON.stringify(body) });
  } catch (error) {
    throw error.name === "AbortError" ? error : new Gone();
  }
  const text = await read(answer);
  if (!answer.ok) throw new Refusal(answer.status, text.startsWith("{") ? JSON.parse(text) : {});
  return text ? JSON.parse(text) : null;
}

async function read(answer) {
  try {
    return await answer.text();
  } catch (error) {
    throw error.name === "AbortError" ? error : new Gone();
  }
}

function written(query) {
  const said = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const item of [value].flat()) if (item !== "" && item != null) said.append(key, item);
  }
  const text = said.toString();
  return text && `?${text}`;
}

/**
 * Only the newest question counts: waits until none came for a while, and withdraws the one before.
 * `work(signal)` asks, `then(answer)` shows, `fault(error)` says what went wrong.
 */
export function newest({ work, then, fault }) {
  let timer, running;
  return (wait) => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      running?.abort();
      const mine = (running = new AbortController());
      try {
        const answer = await work(mine.signal);
        if (running === mine) then(answer);
      } catch (error) {
        if (running === mine && error.name !== "AbortError") fault(error);
      }
    }, wait);
  };
}
