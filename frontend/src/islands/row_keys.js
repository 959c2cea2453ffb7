// j / k move through the rows of a list, Enter or o opens the current one, x ticks it.
let active;

export function mount(table) {
  active = table;
}

function rows() {
  if (!active?.isConnected) active = document.querySelector('[data-island~="row-keys"]');
  return active ? [...active.querySelectorAll("tbody tr[data-href], tbody tr[data-row]")] : [];
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const current = all.findIndex((row) => row.classList.contains("is-current"));
  const next = all[Math.min(Math.max(current + step, 0), all.length - 1)];
  all[current]?.classList.remove("is-current");
  next.classList.add("is-current");
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("a, button, input")?.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.closest?.("input:not([type=checkbox]), textarea, select")) return;
  const current = rows().find((row) => row.classList.contains("is-current"));
  if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    move(event.key === "j" ? 1 : -1);
  } else if (current && (event.key === "o" || (event.key === "Enter" && !event.target.closest("a, button")))) {
    event.preventDefault();
    const link = current.querySelector("a");
    if (current.dataset.href) window.location.href = current.dataset.href;
    else link?.click();
  } else if (current && event.key === "x") {
    current.querySelector('input[type="checkbox"]')?.click();
  }
});
