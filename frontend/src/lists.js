// On a phone a table row becomes a block: every cell then shows the head of its column.
import htmx from "htmx.org";

htmx.onLoad((root) => {
  for (const table of root.querySelectorAll("table.grid--stack")) {
    const heads = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
    for (const row of [...(table.tBodies[0]?.rows ?? []), ...(table.tFoot?.rows ?? [])]) {
      [...row.cells].forEach((cell, place) => {
        if (heads[place] && cell.colSpan === 1 && !cell.dataset.label) cell.dataset.label = heads[place];
      });
    }
  }
});

// What is clipped can be read in full by pointing at it.
document.addEventListener("mouseover", (event) => {
  const cell = event.target.closest?.("table.grid td, .clip");
  if (cell && !cell.title && cell.scrollWidth > cell.clientWidth) cell.title = cell.textContent.trim().replace(/\s+/g, " ");
});

// A long filter bar shows its first fields, on a phone the very first; a button unfolds the rest.
htmx.onLoad((root) => {
  for (const bar of [...root.querySelectorAll("form.filters"), ...(root.matches?.("form.filters") ? [root] : [])]) {
    const toggle = bar.querySelector("[data-filters-toggle]");
    if (!toggle || bar.querySelectorAll(".field").length < 3) continue;
    bar.classList.add("filters--folded");
    if ("brief" in bar.dataset) bar.classList.add("filters--brief");
    toggle.hidden = false;
    toggle.addEventListener("click", () => {
      const folded = bar.classList.toggle("filters--folded");
      if ("brief" in bar.dataset) bar.classList.toggle("filters--brief", folded);
      toggle.setAttribute("aria-expanded", String(!folded));
    });
  }
});

// Empty fields of a filter stay out of the address.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") return;
  for (const [name, value] of [...event.detail.formData.entries()]) if (value === "") event.detail.formData.delete(name);
});

// Filtering changes the address but not the page around the list: forms that send the address along follow it.
document.addEventListener("htmx:pushedIntoHistory", () => {
  for (const field of document.querySelectorAll("[data-follows-address]")) {
    const more = field.dataset.followsAddress;
    field.value = [window.location.search.slice(1), more].filter(Boolean).join("&");
  }
});
