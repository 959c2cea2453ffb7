// The visitor's chat: told by a stream of events, else it asks every few seconds; what was missed is fetched by its number.
import { makeComposer, makeList, makeTypingSign } from "../chat_talk.js";
import { openStream } from "../live_stream.js";

const ASK_LIVE = 20000; // while the stream is open: the place in the queue, and that the visitor is still there
const ASK_ALONE = 3000;

export function mount(element) {
  const { news, typing, stream } = element.dataset;
  const list = makeList(element);
  const sign = makeTypingSign(element);
  const standing = element.querySelector("[data-standing]");
  const open = ["waiting", "active"];
  let isLive = false;
  let asking = false;
  let again = false;
  let timer;

  async function ask() {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    clearTimeout(timer);
    try {
      const response = await fetch(`${news}?after=${list.last()}`, { headers: { Accept: "application/json" } });
      if (response.ok) {
        const answer = await response.json();
        if (answer.html.trim()) {
          sign.hide();
          list.add(answer.html);
        }
        if (standing.innerHTML.trim() !== answer.standing.trim()) standing.innerHTML = answer.standing;
        if (open.includes(element.dataset.state) && !open.includes(answer.state)) {
          // What one may do has changed: rating, transcript.
          location.reload();
          return;
        }
        element.dataset.state = answer.state;
      }
    } catch {
      // No connection just now; it is asked again.
    }
    asking = false;
    if (again) {
      again = false;
      ask();
    } else {
      timer = setTimeout(ask, isLive ? ASK_LIVE : ASK_ALONE);
    }
  }

  makeComposer(element, {
    typingUrl: typing,
    sent: () => ask().then(list.end),
  });
  if (!open.includes(element.dataset.state)) return;
  openStream(
    new URL(stream, location.href).href,
    ["chat", "typing", "resync"],
    (name) => (name === "typing" ? sign.show() : ask()),
    (state) => {
      isLive = state === "live";
      clearTimeout(timer);
      timer = setTimeout(ask, isLive ? ASK_LIVE : ASK_ALONE);
    },
  );
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && ask());
  timer = setTimeout(ask, ASK_ALONE);
}
