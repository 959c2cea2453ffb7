const root = document.documentElement;

function remember(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
}

function fold(section) {
  const folded = section.toggleAttribute("data-folded");
  section.querySelector(".side__group").setAttribute("aria-expanded", String(!folded));
  const names = [...document.querySelectorAll(".side__section[data-folded]")].map((one) => one.dataset.section);
  remember("onepoint_folded", names.join("."));
}

// Where one is may lie below the fold of a long sidebar; only the sidebar scrolls to it, never the page beside it.
function showPlace(here) {
  const list = here.closest(".side__nav");
  const [place, frame] = [here.getBoundingClientRect(), list.getBoundingClientRect()];
  if (place.bottom > frame.bottom) list.scrollTop += place.bottom - frame.bottom;
}
const here = document.querySelector(".side__nav [aria-current]");
if (here) showPlace(here);

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event.target);
  const action = event.target.closest("[data-shell]")?.dataset.shell;
  if (action === "narrow") {
    const narrow = root.dataset.nav !== "narrow";
    root.dataset.nav = narrow ? "narrow" : "wide";
    remember("onepoint_nav", root.dataset.nav);
  } else if (action === "fold") {
    fold(event.target.closest(".side__section"));
  } else if (action === "drawer") {
    root.dataset.drawer = root.dataset.drawer === "open" ? "closed" : "open";
    if (root.dataset.drawer === "open") document.querySelector(".side a")?.focus();
  } else if (root.dataset.drawer === "open" && !event.target.closest(".side")) {
    root.dataset.drawer = "closed";
  }
  event.target.closest(".notice__close")?.closest(".notice")?.remove();
  const opener = event.target.closest("[data-open-dialog]");
  if (opener) document.getElementById(opener.dataset.openDialog)?.showModal();
  const closer = event.target.closest("[data-close-dialog]");
  if (closer) closer.closest("dialog")?.close();
  if (event.target.closest("[data-print]")) window.print();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (root.dataset.drawer === "open") root.dataset.drawer = "closed";
  const menu = event.target.closest?.("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else {
    closeMenus(null);
  }
});

// The whole row of a list is a way to its link, with the usual ways of opening a new tab kept.
document.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-href]");
  if (!row || event.defaultPrevented || event.button !== 0) return;
  if (event.target.closest("a, button, input, select, textarea, label, summary") || getSelection().toString()) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
  else window.location.href = row.dataset.href;
});
