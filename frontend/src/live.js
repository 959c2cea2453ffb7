// What happens elsewhere reaches the page as events on <body>: hx-trigger="live:todo from:body".
import { openStream } from "./live_stream.js";

function announce(name, detail) {
  document.body.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));
  // After a gap anything may have happened.
  if (name === "resync") for (const other of names) if (other !== name) announce(other, {});
}

const { liveUrl, liveEvents, liveFor } = document.body.dataset;
const names = (liveEvents ?? "").split(" ").filter(Boolean);

if (liveUrl && window.SharedWorker) {
  const worker = new SharedWorker(new URL("./live_worker.js", import.meta.url), { type: "module", name: `live-${liveFor}` });
  worker.port.onmessage = ({ data }) => announce(data.name, data.ids);
  worker.port.postMessage({ url: new URL(liveUrl, window.location.href).href, names });
  window.addEventListener("pagehide", () => worker.port.postMessage({ leave: true }));
} else if (liveUrl) {
  openStream(liveUrl, names, announce);
}
