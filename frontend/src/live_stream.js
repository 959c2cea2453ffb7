const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60000;
// The server says something every 15 seconds; a connection that is silent for longer is gone without having said so.
const LONGEST_SILENCE = 45000;
// A page that comes back asks for everything; those that were cut off together don't ask together.
const SPREAD_AFTER_GAP = 3000;

function parsed(text) {
  try {
    const value = JSON.parse(text || "{}");
    return value && typeof value === "object" ? value : {};
  } catch {
    return {};
  }
}

/**
 * Keeps a stream of events open: `announce(name, ids)` for each event, `show(state)` when it becomes "live" or "lost".
 * A server that is missing is asked more and more rarely; returns a function that asks at once.
 */
export function openStream(url, names, announce, show) {
  let source;
  let pause = FIRST_PAUSE;
  let timer;
  let silence;
  let wasOpen = false;

  function heard() {
    clearTimeout(silence);
    silence = setTimeout(lose, LONGEST_SILENCE);
  }

  function lose() {
    source.close();
    clearTimeout(silence);
    clearTimeout(timer);
    show("lost");
    timer = setTimeout(connect, pause * (0.5 + Math.random()));
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }

  function connect() {
    clearTimeout(timer);
    source = new EventSource(url);
    source.onopen = () => {
      pause = FIRST_PAUSE;
      heard();
      show("live");
      // What happened while nobody listened is not told again.
      if (wasOpen) announce("resync", { spread: SPREAD_AFTER_GAP });
      wasOpen = true;
    };
    source.addEventListener("ping", heard);
    source.addEventListener("ended", () => {
      // Asked again rarely, for somebody may log in in another window.
      pause = LONGEST_PAUSE;
      lose();
      show("ended");
    });
    for (const name of names) {
      source.addEventListener(name, (event) => {
        heard();
        announce(name, parsed(event.data));
      });
    }
    source.onerror = lose;
  }

  connect();
  return () => {
    if (source.readyState === EventSource.OPEN) return;
    source.close();
    pause = FIRST_PAUSE;
    connect();
  };
}
