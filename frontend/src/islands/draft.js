// Keeps what is typed into a form on the server, and brings it back: <form data-island="draft" data-draft-url="…"
// data-text-restored="…" data-text-discard="…">. A form that comes back refused (data-refused) holds what was typed already.
import { DraftStore, fillForm, valuesOf } from "../draft_store.js";

const SAVE_AFTER = 800;

export function mount(form) {
  const store = new DraftStore(form.dataset.draftUrl);
  const untouched = JSON.stringify(valuesOf(form));
  let waiting = null;
  let sent = false;

  function save(keepalive = false) {
    clearTimeout(waiting);
    waiting = null;
    if (!sent && form.isConnected) store.write(valuesOf(form), keepalive);
  }

  function soon(event) {
    if (!event.isTrusted || event.target.type === "file") return;
    clearTimeout(waiting);
    waiting = setTimeout(save, SAVE_AFTER);
  }

  for (const name of ["input", "change"]) form.addEventListener(name, soon);
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    sent = true;
    clearTimeout(waiting);
    store.stop();
  });
  window.addEventListener("pagehide", () => waiting && save(true));
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) sent = false;
  });
  if ("refused" in form.dataset) save();
  else restore();

  async function restore() {
    const draft = await store.read();
    if (!draft?.values || waiting || sent || JSON.stringify(draft.values) === untouched) return;
    fillForm(form, draft.values);
    if (JSON.stringify(valuesOf(form)) === untouched) return;
    form.closest("details")?.setAttribute("open", "");
    offerDiscard();
  }

  function offerDiscard() {
    const notice = document.createElement("div");
    notice.className = "notice standing";
    const text = document.createElement("div");
    text.textContent = form.dataset.textRestored;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "btn btn-sm", textContent: form.dataset.textDiscard });
    button.addEventListener("click", async () => {
      clearTimeout(waiting);
      waiting = null;
      sent = true; // nothing is kept any more
      await store.forget();
      fillForm(form, JSON.parse(untouched));
      sent = false;
      notice.remove();
    });
    text.append(" ", button);
    notice.append(text);
    form.prepend(notice);
  }
}
