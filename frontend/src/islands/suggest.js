// A field whose answers appear in a list beside it (fetched by HTMX): arrows move, Enter takes the marked or the first
// one. data-list: the list; data-otherwise: where to go when nobody was found; data-next: where to go after taking one.
import { goTo } from "../go_to.js";

export function mount(input) {
  const list = document.querySelector(input.dataset.list);
  let current = -1;
  let isWaiting = false; // Enter was pressed before the answer came

  const items = () => [...list.querySelectorAll("[data-candidate]")];
  const mark = (index) => {
    current = index;
    items().forEach((item, place) => item.closest("li").setAttribute("aria-selected", String(place === index)));
  };
  const take = () => {
    const chosen = items()[Math.max(current, 0)];
    isWaiting = false;
    if (chosen) {
      document.body.addEventListener("htmx:afterSettle", () => goTo(input.dataset.next), { once: true });
      chosen.click();
      return;
    }
    const other = document.querySelector(input.dataset.otherwise);
    if (!other) return;
    if (!other.value && !/\d/.test(input.value)) other.value = input.value.trim();
    other.focus();
  };

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const last = items().length - 1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = current + (event.key === "ArrowDown" ? 1 : -1);
      mark(next < 0 ? last : next > last ? 0 : next);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (input.value.trim() === "") return;
      if (input.dataset.asked === input.value) take();
      else isWaiting = true;
    }
  });
  input.addEventListener("input", () => (isWaiting = false));
  list.addEventListener("click", (event) => {
    if (event.isTrusted && event.target.closest("[data-candidate]")) {
      document.body.addEventListener("htmx:afterSettle", () => goTo(input.dataset.next), { once: true });
    }
  });
  list.addEventListener("htmx:afterSettle", () => {
    input.dataset.asked = input.value;
    mark(items().length ? 0 : -1);
    if (isWaiting) take();
  });
}
