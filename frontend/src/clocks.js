// Limits count on in the browser: {% due %} leaves the moments, and the server is not asked again for the minutes.
import { text } from "./texts.js";

const LOOK_EVERY = 10000;
const MOST_SPREAD = 4000;
const ahead = Number(document.body.dataset.now) * 1000 - Date.now(); // how far the server's clock is ahead of this one
const words = JSON.parse(text("durations") || "null");

function filled(pattern, values) {
  return pattern.replace(/%\((\w+)\)[sd]/g, (_all, name) => values[name]);
}

function lengthOf(seconds) {
  const all = Math.floor(Math.max(seconds, 0) / 60);
  const [days, hours, minutes] = [Math.floor(all / 1440), Math.floor(all / 60) % 24, all % 60];
  if (days) return filled(hours ? words.days_hours : words.days, { days, hours });
  if (hours) return filled(minutes ? words.hours_minutes : words.hours, { hours, minutes });
  return filled(words.minutes, { minutes });
}

/** Brings every limit below `root` up to the present minute; true when one has passed since it was last looked at. */
function count(root) {
  const now = (Date.now() + ahead) / 1000;
  let passed = false;
  for (const element of root.querySelectorAll("[data-due]")) {
    const left = Number(element.dataset.due) - now;
    const isOver = left < 0;
    passed ||= isOver && !element.classList.contains("due--bad");
    element.classList.toggle("due--bad", isOver);
    element.classList.toggle("due--warn", !isOver && now >= Number(element.dataset.warn));
    const shown = filled(isOver ? words.over : words.left, { length: lengthOf(Math.abs(left)) });
    if (element.textContent !== shown) element.textContent = shown;
  }
  return passed;
}

function tick() {
  // What passed its limit may belong under another tab now; not everybody who sees it asks in the same second.
  if (document.visibilityState === "visible" && count(document)) {
    setTimeout(() => document.body.dispatchEvent(new CustomEvent("clock:passed")), Math.random() * MOST_SPREAD);
  }
}

if (words) {
  setInterval(tick, LOOK_EVERY);
  document.addEventListener("visibilitychange", tick);
}
