// What both sides of a web chat share: lines that are added, the composer that loses nothing, the sign of typing.
const NEAR_END = 80; // pixels from the end that still count as reading the end
const TYPING_EVERY = 3000;
const TYPING_SHOWN = 5000;
const RETRY_AFTER = 4000;

export const newKey = () =>
  crypto.randomUUID?.() ?? "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) => (Number(digit) ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (Number(digit) / 4)))).toString(16));

/** The list of messages: `add(html)` appends what is not there yet and stays where the reader is. */
export function makeList(element) {
  const list = element.querySelector(".messages");
  list.scrollTop = list.scrollHeight;
  return {
    last: () => Number([...list.querySelectorAll("[data-message]")].at(-1)?.dataset.message ?? 0),
    isAtEnd: () => list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END,
    add(html) {
      const follow = this.isAtEnd();
      const part = document.createElement("template");
      part.innerHTML = html;
      for (const line of part.content.querySelectorAll("[data-message]")) {
        if (!list.querySelector(`[data-message="${CSS.escape(line.dataset.message)}"]`)) list.append(line);
      }
      if (follow) list.scrollTop = list.scrollHeight;
    },
    end: () => (list.scrollTop = list.scrollHeight),
  };
}

/** Shows for a moment that the other side is writing. */
export function makeTypingSign(element) {
  const sign = element.querySelector("[data-typing-sign]");
  let timer;
  return {
    show() {
      sign.hidden = false;
      clearTimeout(timer);
      timer = setTimeout(() => (sign.hidden = true), TYPING_SHOWN);
    },
    hide() {
      clearTimeout(timer);
      sign.hidden = true;
    },
  };
}

/**
 * Sends without leaving the page. What could not be sent stays in the box with its key, so that it is said once however
 * often it is tried; `sent()` is called when the server has it.
 */
export function makeComposer(element, { headers = {}, typingUrl, sent }) {
  const form = element.querySelector("[data-composer]");
  if (!form) return;
  const box = form.querySelector("textarea");
  const key = form.querySelector("[name=request_key]");
  const files = form.querySelector("[type=file]");
  const failed = form.querySelector("[data-failed]");
  const names = form.querySelector("[data-files]");
  const button = form.querySelector("[type=submit]");
  let typedAt = -Infinity;
  let sending = false;
  let retry;

  function showFailure(text) {
    failed.textContent = text;
    failed.hidden = !text;
  }

  async function send() {
    if (sending || (!box.value.trim() && !files.files.length)) return;
    sending = true;
    clearTimeout(retry);
    button.disabled = true;
    const body = new FormData(form);
    try {
      const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json", ...headers } });
      const answer = await response.json().catch(() => ({}));
      if (response.ok) {
        if (box.value === body.get("text")) box.value = "";
        else box.value = box.value.slice(String(body.get("text")).length).trimStart();
        files.value = "";
        names.textContent = "";
        key.value = newKey();
        showFailure("");
        sent();
      } else if (response.status >= 500) {
        tryAgain();
      } else {
        showFailure(answer.error || answer.title || element.dataset.textFailed);
      }
    } catch {
      tryAgain();
    }
    button.disabled = false;
    sending = false;
  }

  function tryAgain() {
    showFailure(element.dataset.textFailed);
    retry = setTimeout(send, RETRY_AFTER);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    send();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.defaultPrevented) return;
    event.preventDefault();
    send();
  });
  box.addEventListener("input", () => {
    if (!box.value || performance.now() - typedAt < TYPING_EVERY) return;
    typedAt = performance.now();
    fetch(typingUrl, { method: "POST", headers }).catch(() => {});
  });
  files.addEventListener("change", () => (names.textContent = [...files.files].map((file) => file.name).join(", ")));
  return { box };
}
