const FIRST_PAUSE = 5000;
const LONGEST_PAUSE = 120000;

function parsed(text) {
  try {
    const value = JSON.parse(text || "{}");
    return value && typeof value === "object" ? value : {};
  } catch {
    return {};
  }
}

/** Keeps a stream of events open and calls `announce(name, ids)` for each; a missing server is asked more and more rarely. */
export function openStream(url, names, announce, pause = FIRST_PAUSE, again = false) {
  const source = new EventSource(url);
  let next = pause;
  source.onopen = () => {
    next = FIRST_PAUSE;
    // What happened while nobody listened is not told again.
    if (again) announce("resync", {});
  };
  for (const name of names) source.addEventListener(name, (event) => announce(name, parsed(event.data)));
  source.onmessage = (event) => {
    const { event: name, ...ids } = parsed(event.data);
    if (name) announce(name, ids);
  };
  source.onerror = () => {
    source.close();
    setTimeout(() => openStream(url, names, announce, Math.min(next * 2, LONGEST_PAUSE), true), next);
  };
}
