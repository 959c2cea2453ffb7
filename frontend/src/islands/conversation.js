// One conversation: what others write appears at the end, the reader stays where he reads, and what he has seen counts as read.
import { UNATTENDED, ask } from "../unattended.js";

const NEAR_END = 80; // pixels from the end that still count as reading the end

export function mount(element) {
  const { conversation, partUrl, readUrl } = element.dataset;
  const list = element.querySelector(".messages");
  let running = false;
  let again = false;

  function newest() {
    const rows = list.querySelectorAll("[data-message]");
    return rows.length ? rows[rows.length - 1].dataset.message : "0";
  }

  function isAtEnd() {
    return list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END;
  }

  async function fetchNewer() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    const stay = !isAtEnd();
    try {
      let more = true;
      while (more) {
        const response = await ask(`${partUrl}?after=${newest()}`);
        if (!response.ok) break;
        list.insertAdjacentHTML("beforeend", await response.text());
        more = Boolean(list.querySelector("[data-more]"));
        list.querySelector("[data-more]")?.remove();
      }
      if (!stay) list.scrollTop = list.scrollHeight;
      noteRead();
    } catch {
      // No connection just now: "resync" comes when there is one.
    }
    running = false;
    if (again) {
      again = false;
      fetchNewer();
    }
  }

  let told = newest();

  function noteRead() {
    const last = newest();
    if (last === told || document.visibilityState !== "visible" || !document.hasFocus() || !isAtEnd()) return;
    told = last;
    const headers = { ...UNATTENDED, "X-CSRFToken": JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"] };
    ask(readUrl, { method: "POST", body: new URLSearchParams({ until: last }), headers }).catch(() => {});
  }

  list.scrollTop = list.scrollHeight;
  list.addEventListener("scroll", noteRead);
  window.addEventListener("focus", noteRead);
  document.body.addEventListener("live:message", ({ detail }) => {
    if (element.isConnected && (detail?.conversation === undefined || String(detail.conversation) === conversation)) fetchNewer();
  });
  element.addEventListener("message-written", () => {
    fetchNewer().then(() => {
      list.scrollTop = list.scrollHeight;
      element.querySelector("textarea")?.focus();
    });
  });
}
