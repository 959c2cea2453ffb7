// One stream for all tabs of a browser: HTTP/1.1 allows a host six connections, and people open more tabs than that.
import { openStream } from "./live_stream.js";

const ports = [];
let state;
let askAtOnce;

function tell(message) {
  for (const one of ports) one.postMessage(message);
}

self.onconnect = ({ ports: [port] }) => {
  port.onmessage = ({ data }) => {
    if (data.leave) {
      if (ports.includes(port)) ports.splice(ports.indexOf(port), 1);
      return;
    }
    if (!ports.includes(port)) ports.push(port);
    if (data.ask) {
      askAtOnce?.();
    } else if (!askAtOnce) {
      const show = (now) => tell({ state: (state = now) });
      askAtOnce = openStream(data.url, data.names, (name, ids) => tell({ name, ids }), show);
    } else if (state) {
      port.postMessage({ state });
    }
  };
};
