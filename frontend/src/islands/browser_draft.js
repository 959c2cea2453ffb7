// Keeps what somebody without an account types into a form, in this browser alone and for half a day:
// <form data-island="browser-draft" data-draft="name" data-text-restored="…" data-text-discard="…">. Names and addresses are
// not kept, as a browser may be shared. data-once: forgotten when sent; else by an element with data-forget="name".
import { fillForm, valuesOf } from "../draft_store.js";

const KEPT = 12 * 3600 * 1000; // milliseconds
const SAVE_AFTER = 500;
const PERSONAL = new Set(["name", "address", "phone", "email", "kept"]);

export function mount(element) {
  if (element.dataset.forget) {
    forget(element.dataset.forget);
    return;
  }
  const form = element;
  const name = form.dataset.draft;
  const values = () => valuesOf(form).filter(([field]) => !PERSONAL.has(field));
  const untouched = JSON.stringify(values());
  let waiting = null;

  const save = () => {
    waiting = null;
    write(name, values());
  };
  const soon = (event) => {
    if (!event.isTrusted || event.target.type === "file") return;
    clearTimeout(waiting);
    waiting = setTimeout(save, SAVE_AFTER);
  };
  for (const event of ["input", "change"]) form.addEventListener(event, soon);
  window.addEventListener("pagehide", () => waiting && save());
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    clearTimeout(waiting);
    waiting = null;
    if ("once" in form.dataset) forget(name);
    else save();
  });
  if ("refused" in form.dataset) {
    save();
    return;
  }
  const kept = read(name);
  if (!kept || JSON.stringify(kept) === untouched) return;
  fillForm(form, kept);
  offerDiscard(form, name, untouched);
}

function offerDiscard(form, name, untouched) {
  const notice = document.createElement("div");
  notice.className = "notice";
  const text = document.createElement("div");
  text.textContent = form.dataset.textRestored;
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "btn btn-sm", textContent: form.dataset.textDiscard });
  button.addEventListener("click", () => {
    forget(name);
    form.reset();
    fillForm(form, JSON.parse(untouched));
    notice.remove();
  });
  notice.append(text, button);
  form.prepend(notice);
}

const placeOf = (name) => `onepoint-draft-${name}`;

// Frames on other sites, and some people, allow a page no storage: then there is no draft.
function read(name) {
  try {
    const { at, values } = JSON.parse(localStorage.getItem(placeOf(name)) ?? "{}");
    if (values && Date.now() - at < KEPT) return values;
    localStorage.removeItem(placeOf(name));
  } catch {
    // Nothing that could be read.
  }
  return null;
}

function write(name, values) {
  try {
    localStorage.setItem(placeOf(name), JSON.stringify({ at: Date.now(), values }));
  } catch {
    // What is typed stays on the page.
  }
}

function forget(name) {
  try {
    localStorage.removeItem(placeOf(name));
  } catch {
    // It was never there.
  }
}
