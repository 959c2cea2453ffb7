// Says that what this page shows has been changed meanwhile: <div data-island="changed" data-url="…" data-live="17"
// data-seen="42">; the last is the newest change the page shows, whose own news may arrive after it.
import { ask } from "../unattended.js";

export function mount(element) {
  const { url, live, seen } = element.dataset;
  const since = document.body.dataset.now;

  async function look(after) {
    if (!element.isConnected) return;
    try {
      const response = await ask(`${url}?after=${after}&seen=${seen}`);
      if (response.ok) element.innerHTML = await response.text();
    } catch {
      // No connection just now: "resync" comes when there is one.
    }
  }

  document.body.addEventListener("live:ticket", ({ detail }) => String(detail?.subject) === live && look(""));
  document.body.addEventListener("live:resync", () => look(since));
}
