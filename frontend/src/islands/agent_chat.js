// The agent's chat: what is new is fetched by its number; "/" brings the canned texts.
import { makeComposer, makeList, makeTypingSign } from "../chat_talk.js";
import { ask as askServer } from "../unattended.js";

const ASK_EVERY = 15000; // beside the live events, for a page that only reads along

export function mount(element) {
  const { chat, part, typing } = element.dataset;
  const list = makeList(element);
  const sign = makeTypingSign(element);
  let running = false;
  let again = false;

  // Of several side by side only the one that is written in is being read.
  const column = element.closest("[data-column]");
  const isInSight = () => document.visibilityState === "visible" && document.hasFocus() && list.isAtEnd() && (!column || column.contains(document.activeElement));

  async function fetchNewer() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    const seen = isInSight() ? "&seen=1" : "";
    try {
      const response = await askServer(`${part}?after=${list.last()}${seen}`, { headers: { Accept: "application/json" } });
      if (response.ok) {
        const answer = await response.json();
        if (answer.html.trim()) {
          sign.hide();
          const before = list.last();
          list.add(answer.html);
          if (!seen) element.dispatchEvent(new CustomEvent("chat:news", { bubbles: true, detail: { before } }));
        }
        const own = answer.own ? "1" : "0";
        if (answer.state !== element.dataset.state || own !== element.dataset.own) {
          const box = element.querySelector("[data-composer] textarea");
          // What is being written is not thrown away; the server says that it is over when it is sent.
          if (!box?.value) {
            if (column) element.dispatchEvent(new CustomEvent("chat:changed", { bubbles: true }));
            else location.reload();
            return;
          }
        }
      }
    } catch {
      // No connection just now: "resync" comes when there is one.
    }
    running = false;
    if (again) {
      again = false;
      fetchNewer();
    }
  }

  const headers = { "X-CSRFToken": JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"] };
  const composer = makeComposer(element, {
    headers,
    typingUrl: typing,
    sent: () => fetchNewer().then(list.end),
  });
  if (composer) offerCanned(element, composer.box);

  const mine = ({ detail }) => element.isConnected && (detail?.session === undefined || String(detail.session) === chat);
  document.body.addEventListener("live:chat", (event) => mine(event) && fetchNewer());
  document.body.addEventListener("live:typing", (event) => mine(event) && event.detail?.session !== undefined && sign.show());
  window.addEventListener("focus", fetchNewer);
  column?.addEventListener("focusin", () => column.contains(document.activeElement) && fetchNewer());
  setInterval(() => element.isConnected && document.visibilityState === "visible" && fetchNewer(), ASK_EVERY);
}

/** A list over the box while a word that begins with "/" is being typed; arrows choose, Enter or Tab takes. */
function offerCanned(element, box) {
  const source = element.querySelector("[data-canned-source] script");
  const list = element.querySelector("[data-canned]");
  if (!source || !list) return;
  const texts = JSON.parse(source.textContent);
  let shown = [];
  let current = 0;

  const wordBefore = () => /(^|\s)\/([^\s/]*)$/.exec(box.value.slice(0, box.selectionStart));

  function draw() {
    const word = wordBefore();
    const wanted = word?.[2].toLowerCase();
    shown = word ? texts.filter((one) => one.code.startsWith(wanted) || one.name.toLowerCase().includes(wanted)).slice(0, 8) : [];
    current = Math.min(current, Math.max(shown.length - 1, 0));
    list.replaceChildren(
      ...shown.map((one, place) => {
        const item = document.createElement("li");
        item.className = "canned__item";
        item.setAttribute("aria-selected", String(place === current));
        const name = document.createElement("strong");
        name.textContent = `/${one.code} ${one.name}`;
        const text = document.createElement("span");
        text.className = "muted";
        text.textContent = one.text;
        item.append(name, text);
        item.addEventListener("mousedown", (event) => {
          event.preventDefault();
          take(one);
        });
        return item;
      }),
    );
    list.hidden = shown.length === 0;
  }

  function take(one) {
    const word = wordBefore();
    if (!word) return;
    const start = box.selectionStart - word[2].length - 1;
    box.setRangeText(one.text, start, box.selectionStart, "end");
    list.hidden = true;
    shown = [];
    box.focus();
  }

  box.addEventListener("input", draw);
  box.addEventListener("blur", () => (list.hidden = true));
  box.addEventListener(
    "keydown",
    (event) => {
      if (!shown.length || list.hidden || event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        current = (current + (event.key === "ArrowDown" ? 1 : shown.length - 1)) % shown.length;
        event.preventDefault();
        draw();
      } else if (event.key === "Enter" || event.key === "Tab") {
        event.preventDefault();
        event.stopImmediatePropagation();
        take(shown[current]);
      } else if (event.key === "Escape") {
        list.hidden = true;
        shown = [];
      }
    },
    true,
  );
}
