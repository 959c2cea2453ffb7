// Chats side by side: Alt and a digit go from one to the other, unread marks, and a column comes or goes with its chat.
import htmx from "htmx.org";
import { ask } from "../unattended.js";

export function mount(grid) {
  const columns = () => [...grid.querySelectorAll("[data-column]")];
  let running = false;

  function number() {
    columns().forEach((column, place) => (column.querySelector("[data-column-key]").textContent = place + 1));
    grid.style.setProperty("--columns", Math.max(columns().length, 1));
  }

  function mark(column, count) {
    const sign = column.querySelector("[data-column-unread]");
    sign.textContent = count || "";
    sign.hidden = !count;
    column.classList.toggle("chat-column--unread", count > 0);
  }

  async function compare() {
    if (running) return;
    running = true;
    try {
      const response = await ask(grid.dataset.url, { headers: { Accept: "application/json" } });
      if (response.ok) await show((await response.json()).chats);
    } catch {
      // No connection just now; the stream tells when there is one again.
    }
    running = false;
  }

  async function show(chats) {
    const there = new Set(columns().map((column) => column.dataset.column));
    for (const { pk, url } of chats) {
      if (!there.has(String(pk))) await htmx.ajax("GET", url, { source: grid, target: grid, swap: "beforeend" });
    }
    const wanted = new Set(chats.map(({ pk }) => String(pk)));
    for (const column of columns()) {
      // What is being written is not thrown away.
      if (!wanted.has(column.dataset.column) && !column.querySelector("textarea")?.value) column.remove();
    }
    number();
    if (there.size === 0 && chats.length) location.reload();
  }

  grid.addEventListener("chat:news", ({ target, detail }) => {
    const column = target.closest("[data-column]");
    const fresh = [...column.querySelectorAll("[data-message]")].filter(
      (line) => Number(line.dataset.message) > detail.before && !line.matches(".message--own, .message--house"),
    );
    mark(column, Number(column.querySelector("[data-column-unread]").textContent || 0) + fresh.length);
  });
  grid.addEventListener("chat:changed", ({ target }) => {
    const column = target.closest("[data-column]");
    htmx.ajax("GET", `/chats/${column.dataset.column}/column/`, { source: column, target: column, swap: "outerHTML" }).then(number, compare);
  });
  grid.addEventListener("focusin", ({ target }) => {
    const column = target.closest("[data-column]");
    if (column) mark(column, 0);
  });
  document.addEventListener("keydown", (event) => {
    if (!grid.isConnected || !event.altKey || event.ctrlKey || event.metaKey || !/^Digit[1-9]$/.test(event.code)) return;
    const column = columns()[Number(event.code.slice(5)) - 1];
    if (!column) return;
    event.preventDefault();
    (column.querySelector("textarea") ?? column.querySelector("a")).focus();
  });
  for (const name of ["live:queue", "live:chat"]) document.body.addEventListener(name, () => grid.isConnected && compare());
  number();
}
