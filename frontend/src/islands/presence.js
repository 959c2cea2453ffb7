// Says that this page about a ticket is open (or being typed in) and shows who else has it open.
import { ask } from "../unattended.js";

const EVERY = 20000;

export function mount(element) {
  const { url, live } = element.dataset;
  let editing = "editing" in element.dataset;
  let stopped = false;

  // That somebody types counts as use of the session, that a page is open does not.
  function send(state, keepalive = false, isAttended = false) {
    const body = new URLSearchParams({ state });
    const headers = { "X-CSRFToken": JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "" };
    return (isAttended ? fetch : ask)(url, { method: "POST", body, headers, keepalive, redirect: "error" });
  }

  async function report(isAttended = false) {
    if (stopped || !element.isConnected || document.visibilityState !== "visible") return;
    try {
      const response = await send(editing ? "editing" : "looking", false, isAttended);
      if (response.ok) element.innerHTML = await response.text();
      else stopped = response.status < 500;
    } catch {
      // No connection just now: the next report comes anyway.
    }
  }

  function typed(event) {
    if (editing || !event.isTrusted || !event.target.closest("form")?.closest(".main")) return;
    editing = true;
    report(true);
  }

  report();
  const timer = setInterval(() => (element.isConnected ? report() : clearInterval(timer)), EVERY);
  document.addEventListener("input", typed);
  document.addEventListener("visibilitychange", () => report());
  document.body.addEventListener("live:presence", (event) => {
    const subject = event.detail?.subject;
    if (subject === undefined || String(subject) === live) report();
  });
  window.addEventListener("pagehide", () => !stopped && send("left", true).catch(() => {}));
  window.addEventListener("pageshow", (event) => event.persisted && report());
}
