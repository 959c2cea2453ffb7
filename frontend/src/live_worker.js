// One stream for all tabs of a browser: HTTP/1.1 allows a host six connections, and people open more tabs than that.
import { openStream } from "./live_stream.js";

const ports = [];

self.onconnect = ({ ports: [port] }) => {
  ports.push(port);
  port.onmessage = ({ data }) => {
    if (data.leave) ports.splice(ports.indexOf(port), 1);
    else if (!self.opened) {
      self.opened = true;
      openStream(data.url, data.names, (name, ids) => ports.forEach((one) => one.postMessage({ name, ids })));
    }
  };
};
