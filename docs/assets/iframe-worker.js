// Browsers run no worker for a page that was opened as a file; an empty frame does the search there.
if (location.protocol === "file:") {
  window.Worker = window.IFrameWorker = class extends EventTarget {
    #inside;

    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      this.#inside = new Promise((done) => frame.addEventListener("load", done, { once: true })).then(async () => {
        const inside = frame.contentWindow;
        inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
        inside.importScripts = async (...urls) => { for (const each of urls) await load(frame, each); };
        await load(frame, url);
        return inside;
      });
      document.body.append(frame);
    }

    async postMessage(data) {
      (await this.#inside).dispatchEvent(new MessageEvent("message", { data }));
    }
  };
}

function load(frame, url) {
  const script = frame.contentDocument.createElement("script");
  script.src = url;
  return new Promise((done, failed) => {
    script.addEventListener("load", done);
    script.addEventListener("error", failed);
    frame.contentDocument.head.append(script);
  });
}
