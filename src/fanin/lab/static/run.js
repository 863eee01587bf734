// One training run on the server: started, listened to, paused, ended.

import { Gone, ask } from "./request.js";

/** `changed(run)` is called after whatever happens; `failed(error)` where the server said no or nothing. */
export class Run {
  state = "starting"; // starting, going, paused, done, ended
  start = null;
  epochs = [];
  done = null;
  #id = null;
  #source = null;

  constructor(settings, changed, failed) {
    this.settings = settings;
    this.changed = () => changed(this);
    this.failed = failed;
  }

  /** Starts it; the events follow by themselves. */
  async begin() {
    try {
      const answer = await ask("/api/runs", { method: "POST", body: this.settings });
      if (this.state === "ended") return void ask(`/api/runs/${answer.id}`, { method: "DELETE" });
      this.#id = answer.id;
      this.#listen();
    } catch (error) {
      this.#fail(error);
    }
  }

  async pause() {
    await this.#tell("pause", "paused");
  }

  async resume() {
    await this.#tell("resume", "going");
  }

  /** Ends it and tells the server, so that nothing goes on for nobody. */
  end() {
    const lives = this.#id !== null && this.state !== "done" && this.state !== "ended";
    this.#source?.close();
    this.state = "ended";
    if (lives) ask(`/api/runs/${this.#id}`, { method: "DELETE" }).catch(() => {}); // it ends by itself once nobody listens
  }

  async #tell(what, state) {
    try {
      await ask(`/api/runs/${this.#id}/${what}`, { method: "POST" });
      if (this.state === "going" || this.state === "paused") this.state = state;
      this.changed();
    } catch (error) {
      this.#fail(error);
    }
  }

  #listen() {
    const source = (this.#source = new EventSource(`/api/runs/${this.#id}/events`));
    const on = (name, take) =>
      source.addEventListener(name, (event) => {
        take(JSON.parse(event.data));
        this.changed();
      });
    on("start", (start) => {
      this.start = start;
      if (this.state === "starting") this.state = "going";
    });
    on("epoch", (epoch) => (this.epochs[epoch.epoch] = epoch)); // by number: after a break the server may repeat some
    on("done", (done) => {
      this.done = done;
      this.state = "done";
      source.close();
    });
    on("problem", (problem) => this.#fail(Object.assign(new Error(problem.error), { status: 0, ...problem })));
    source.addEventListener("error", (event) => {
      // a break mends itself, the browser asks again with the last event's id; a refusal does not
      if (event.target.readyState === EventSource.CLOSED) this.#fail(new Gone());
    });
  }

  #fail(error) {
    this.#source?.close();
    if (this.state === "ended") return;
    this.state = "ended";
    this.failed(error);
    this.changed();
  }
}
