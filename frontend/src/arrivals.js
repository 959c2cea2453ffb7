// A customer has arrived at this person: say so on every page, and go there at once where that was wished for and nothing is
// lost by it. <body data-arrivals-url="…" data-text-arrived="…" data-text-open="…">
import { alertOf, wishes } from "./alerts.js";
import { text } from "./texts.js";
import { showNotice } from "./toasts.js";
import { ask } from "./unattended.js";

const { arrivalsUrl } = document.body.dataset;
let shown;
let typed = false;

// Whatever somebody typed or chose here is never taken away, unless it only narrows a list.
for (const name of ["input", "change"]) {
  document.addEventListener(name, (event) => {
    if (event.isTrusted && !event.target.closest?.("[role=search], [data-alert-wish], [data-island~=alert-wishes]")) typed = true;
  });
}

async function look() {
  const response = await ask(arrivalsUrl).catch(() => null);
  if (response?.status !== 200) return;
  const arrival = await response.json();
  if (arrival.id === shown) return;
  shown = arrival.id;
  alertOf(`${text("arrived")} ${arrival.text}`);
  if (wishes().pop && isFree() && (await goThere(arrival))) return;
  show(arrival);
}

function isFree() {
  return document.visibilityState === "visible" && !typed && !document.querySelector("dialog[open]");
}

/** Only one tab goes; the others leave it at that. */
async function goThere(arrival) {
  const token = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
  const response = await fetch(arrival.open, { method: "POST", headers: token }).catch(() => null);
  if (!response?.ok) return false;
  const { first, url } = await response.json();
  if (first && isFree()) window.location.assign(url);
  return true;
}

function show(arrival) {
  const notice = document.createElement("div");
  notice.className = "notice notice--success";
  notice.dataset.arrival = arrival.id;
  const body = document.createElement("div");
  body.append(`${text("arrived")} `);
  const link = document.createElement("a");
  Object.assign(link, { href: arrival.open, textContent: arrival.text, className: "strong" });
  body.append(link);
  notice.append(body);
  showNotice(notice, true);
}

if (arrivalsUrl) {
  document.body.addEventListener("live:arrival", look);
}
