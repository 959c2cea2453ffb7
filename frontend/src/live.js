// What happens elsewhere reaches the page as events on <body>: hx-trigger="live:todo from:body".
import { openStream } from "./live_stream.js";

const GATHER = 120; // bursts become one event
const LEAST_GAP = 1000; // between two of the same
const PATIENCE = 10000; // without a stream before the page looks by itself
const LOOK_EVERY = 30000;

const { liveUrl, liveEvents, liveFor } = document.body.dataset;
const names = (liveEvents ?? "").split(" ").filter(Boolean);
const waiting = new Set();
const announced = new Map();
let looking;

/** Passes an event on once, however often it is heard meanwhile; `spread` keeps thousands of pages from asking at once. */
function announce(name, { spread = 0, ...ids } = {}) {
  const key = name + JSON.stringify(ids);
  if (waiting.has(key)) return;
  waiting.add(key);
  const gap = Math.max((announced.get(key) ?? -Infinity) + LEAST_GAP - performance.now(), GATHER);
  setTimeout(() => {
    waiting.delete(key);
    announced.set(key, performance.now());
    document.body.dispatchEvent(new CustomEvent(`live:${name}`, { detail: ids }));
  }, gap + Math.random() * spread);
  // After a gap anything may have happened.
  if (name === "resync") for (const other of names) if (other !== name) announce(other, { spread });
}

// Nobody listens: the page looks by itself now and then.
function look() {
  if (document.visibilityState === "visible") announce("resync");
  looking = setTimeout(look, LOOK_EVERY * (0.8 + 0.4 * Math.random()));
}

function show(state) {
  document.body.dispatchEvent(new CustomEvent("live-state", { detail: state }));
  if (state === "lost") {
    looking ??= setTimeout(look, PATIENCE);
  } else {
    clearTimeout(looking);
    looking = undefined;
  }
}

if (liveUrl) {
  const url = new URL(liveUrl, window.location.href).href;
  let askAtOnce;
  if (window.SharedWorker) {
    const { port } = new SharedWorker(new URL("./live_worker.js", import.meta.url), { type: "module", name: `live-${liveFor}` });
    port.onmessage = ({ data }) => (data.state ? show(data.state) : announce(data.name, data.ids));
    const join = () => port.postMessage({ url, names });
    join();
    askAtOnce = () => port.postMessage({ ask: true });
    window.addEventListener("pagehide", () => port.postMessage({ leave: true }));
    // Back by the browser's button, as it was left: what happened since was not heard.
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      join();
      announce("resync");
    });
  } else {
    askAtOnce = openStream(url, names, announce, show);
  }
  window.addEventListener("online", () => askAtOnce());
}
