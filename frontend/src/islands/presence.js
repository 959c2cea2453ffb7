// Says that this page about a ticket is open (or being typed in) and shows who else has it open.
const EVERY = 20000;

export function mount(element) {
  const { url, live } = element.dataset;
  let editing = "editing" in element.dataset;
  let stopped = false;

  function send(state, keepalive = false) {
    const body = new URLSearchParams({ state });
    const headers = { "X-CSRFToken": JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "" };
    return fetch(url, { method: "POST", body, headers, keepalive, redirect: "error" });
  }

  async function report() {
    if (stopped || !element.isConnected || document.visibilityState !== "visible") return;
    try {
      const response = await send(editing ? "editing" : "looking");
      if (response.ok) element.innerHTML = await response.text();
      else stopped = response.status < 500;
    } catch {
      // No connection just now: the next report comes anyway.
    }
  }

  function typed(event) {
    if (editing || !event.isTrusted || !event.target.closest("form")?.closest(".main")) return;
    editing = true;
    report();
  }

  report();
  const timer = setInterval(() => (element.isConnected ? report() : clearInterval(timer)), EVERY);
  document.addEventListener("input", typed);
  document.addEventListener("visibilitychange", report);
  document.body.addEventListener("live:presence", (event) => {
    const subject = event.detail?.subject;
    if (subject === undefined || String(subject) === live) report();
  });
  window.addEventListener("pagehide", () => !stopped && send("left", true).catch(() => {}));
  window.addEventListener("pageshow", (event) => event.persisted && report());
}
