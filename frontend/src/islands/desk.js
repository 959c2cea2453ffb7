// The to-do that stays up to date: figures, rows and new work, without taking anything from under the reader's hands.
// <div data-island="desk" data-figures-url="…" data-kind="pool" data-stamp="…" data-text-new="…">
import { alertOf } from "../alerts.js";
import { mergeRows } from "../merge_rows.js";
import { ask } from "../unattended.js";

const LEAST_GAP = 1500;
const MOVING = 1200; // while the mouse moves over the rows they stay where they are
const MOST_WAITS = 5;
const NEW_FOR = 12000;
const MINE = ["mine", "pool", "returned"];

export function mount(desk) {
  let running = false;
  let again = false;
  let stale = false;
  let moved = 0;
  let known = JSON.parse(desk.dataset.figures); // as last heard
  const title = document.title;

  async function refresh(always = false) {
    if (document.visibilityState !== "visible" && !("alerting" in desk.dataset)) {
      stale = true;
      return;
    }
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      await look(always);
    } catch {
      // No connection just now; the stream tells when there is one again.
    }
    setTimeout(() => {
      running = false;
      if (again) {
        again = false;
        refresh();
      }
    }, LEAST_GAP);
  }

  async function look(always) {
    const response = await ask(desk.dataset.figuresUrl);
    if (!response.ok) return;
    const figures = await response.json();
    const isNew = hasGrown(known, figures);
    known = figures;
    showFigures(figures);
    const figure = figures[desk.dataset.kind];
    if (always || (figure && figure.stamp !== desk.dataset.stamp)) await loadRows();
    if (isNew) tell();
  }

  function hasGrown(before, now) {
    return MINE.some((kind) => now[kind].newest > before[kind].newest || (kind !== "pool" && now[kind].total > before[kind].total));
  }

  function showFigures(figures) {
    for (const tab of desk.querySelectorAll("[data-tab]")) {
      const figure = figures[tab.dataset.tab];
      const count = tab.querySelector(".tabs__count");
      if (!figure || !count) continue;
      count.textContent = figure.count;
      count.className = figure.tone ? `tabs__count tabs__count--${figure.tone}` : "tabs__count";
    }
  }

  async function loadRows() {
    const parameters = new URLSearchParams(window.location.search);
    parameters.set("kind", desk.dataset.kind);
    const response = await ask(`${window.location.pathname}?${parameters}`);
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById(desk.id);
    if (!fresh) return;
    for (let waits = 0; waits < MOST_WAITS && performance.now() - moved < MOVING; waits += 1) {
      await new Promise((resolve) => setTimeout(resolve, MOVING));
    }
    desk.dataset.stamp = fresh.dataset.stamp;
    merge(fresh);
  }

  function merge(fresh) {
    const added = mergeRows(desk.querySelector("tbody"), fresh.querySelector("tbody"));
    const frame = desk.querySelector(".table-box");
    for (const name of [".pager", ".empty"]) {
      const [old, next] = [frame.querySelector(name), fresh.querySelector(`.table-box ${name}`)];
      if (old && next) {
        if (old.textContent !== next.textContent) old.replaceWith(next);
      } else if (next) frame.append(next);
      else old?.remove();
      if (next?.isConnected) window.htmx.process(next);
    }
    for (const row of added) {
      row.classList.add("row--new");
      setTimeout(() => row.classList.remove("row--new"), NEW_FOR);
    }
    desk.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: desk } }));
  }

  function tell() {
    const message = desk.dataset.textNew;
    desk.querySelector("[data-desk-news]").textContent = message;
    if (document.visibilityState !== "visible") document.title = `● ${title}`;
    alertOf(message);
  }

  for (const name of ["live:todo", "clock:passed"]) document.body.addEventListener(name, () => desk.isConnected && refresh());
  // Nobody counts what is history, so nothing tells whether its rows changed.
  document.body.addEventListener("live:resync", () => desk.isConnected && refresh(!(desk.dataset.kind in known)));
  desk.addEventListener("pointermove", (event) => {
    if (event.target.closest("tbody")) moved = performance.now();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    document.title = title;
    if (stale) refresh();
    stale = false;
  });
}
