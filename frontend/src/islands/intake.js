// The intake form: Enter goes on instead of sending, and what was typed survives a reload (kept in this browser at once,
// so that nothing is lost while the server cannot be reached) and a closed browser (kept on the server a moment later).
import htmx from "htmx.org";
import { DraftStore } from "../draft_store.js";
import { goTo } from "../go_to.js";

const HOURS_KEPT = 12;
const SAVE_AFTER = 300;
const SEND_AFTER = 1500;
const NEVER_KEPT = new Set(["csrfmiddlewaretoken", "attachments", "do"]);

export function mount(form) {
  goOnWithEnter(form);
  new Draft(form);
}

function goOnWithEnter(form) {
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.defaultPrevented) return;
    if (!event.target.matches("input:not([type=submit], [type=file])")) return;
    event.preventDefault();
    goTo(event.target.dataset.next);
  });
  // After a choice in a picker the cursor goes where the field says.
  form.addEventListener("change", (event) => {
    if (event.target.matches("select[data-island~=picker][data-next]") && event.target.value && !form.dataset.restoring) {
      goTo(event.target.dataset.next);
    }
  });
}

class Draft {
  constructor(form) {
    this.form = form;
    this.key = `onepoint.draft.${form.dataset.draft}.${document.body.dataset.liveFor ?? ""}`;
    this.pending = new Map();
    this.store = new DraftStore(form.dataset.draftUrl);
    this.form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      clearTimeout(this.sending);
      this.sending = null;
      this.store.stop();
    });
    // After HTMX has read the page, so that restored choices fetch what depends on them.
    if ("fresh" in form.dataset) setTimeout(() => this.restore(), 50);
    if ("refused" in form.dataset) this.saveSoon();
    for (const event of ["input", "change"]) form.addEventListener(event, () => this.saveSoon());
    form.addEventListener("htmx:afterSettle", () => this.fillPending());
    window.addEventListener("pagehide", () => {
      if (this.waiting) this.save();
      if (this.sending) this.send(true);
    });
  }

  read() {
    try {
      return JSON.parse(localStorage.getItem(this.key));
    } catch {
      return null;
    }
  }

  write(draft) {
    try {
      localStorage.setItem(this.key, JSON.stringify(draft));
    } catch {
      // A full or forbidden storage only means that there is no draft.
    }
  }

  saveSoon() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.save(), SAVE_AFTER);
  }

  save() {
    this.forgetWaiting();
    this.write({ at: Date.now(), values: this.values() });
    clearTimeout(this.sending);
    this.sending = setTimeout(() => this.send(), SEND_AFTER);
  }

  send(keepalive = false) {
    clearTimeout(this.sending);
    this.sending = null;
    this.store.write(this.values(), keepalive);
  }

  forgetWaiting() {
    clearTimeout(this.waiting);
    this.waiting = null;
  }

  /** The later of what this browser and the server have kept. */
  async latest() {
    const kept = this.read();
    const here = kept?.at && Date.now() - kept.at < HOURS_KEPT * 3600_000 ? kept : null;
    const there = await this.store.read();
    const at = there ? Date.parse(there.at) : 0;
    // Both are the same typing, here a moment earlier; the server's clock need not be ours.
    return there && at > (here?.at ?? 0) + 5 * SEND_AFTER ? { at, values: there.values } : (here ?? (there && { at, values: there.values }));
  }

  values() {
    const values = [];
    for (const field of this.form.elements) {
      if (!field.name || NEVER_KEPT.has(field.name) || field.type === "submit") continue;
      if (/^(checkbox|radio)$/.test(field.type)) {
        if (field.checked) values.push([field.name, field.value, ""]);
      } else if (field.value) {
        values.push([field.name, field.value, field.selectedOptions?.[0]?.text ?? ""]);
      }
    }
    return values;
  }

  async restore() {
    const draft = await this.latest();
    if (this.waiting) return; // somebody types already
    const key = draft?.values?.find(([name]) => name === "request_key")?.[1];
    // Whatever was sent but never arrived comes back; what the server has ended does not.
    const isStale = !draft?.at || endedKeys().includes(key);
    const written = draft?.values?.some(([name]) => /^(q|customer|new_name|description|title|category|contact_|items-)/.test(name));
    if (isStale || !written) return void localStorage.removeItem(this.key);
    this.form.dataset.restoring = "";
    for (const [name, value, label] of draft.values) this.pending.set(`${name}\n${value}`, [name, value, label]);
    this.offerDiscard();
    const customer = draft.values.find(([name]) => name === "customer")?.[1];
    this.fillPending();
    if (customer) {
      const q = draft.values.find(([name]) => name === "q")?.[1] ?? "";
      const query = new URLSearchParams({ customer, q });
      htmx.ajax("GET", `${this.form.dataset.customerUrl}?${query}`, { source: this.form, target: "#intake-customer", swap: "outerHTML" });
    }
    setTimeout(() => {
      delete this.form.dataset.restoring;
      this.pending.clear();
    }, 5000);
  }

  fillPending() {
    for (const [key, [name, value, label]] of this.pending) {
      const fields = [...this.form.elements].filter((field) => field.name === name && field.type !== "submit");
      if (!fields.length || name === "customer") continue;
      this.pending.delete(key);
      for (const field of fields) fill(field, value, label);
    }
  }

  offerDiscard() {
    const notice = document.createElement("div");
    notice.className = "notice standing";
    const text = document.createElement("div");
    text.textContent = this.form.dataset.textRestored;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "btn btn-sm", textContent: this.form.dataset.textDiscard });
    button.addEventListener("click", async () => {
      this.forgetWaiting();
      clearTimeout(this.sending);
      this.sending = null;
      localStorage.removeItem(this.key);
      await this.store.forget();
      window.location.assign(this.form.action);
    });
    text.append(" ", button);
    notice.append(text);
    this.form.prepend(notice);
  }
}

function endedKeys() {
  const cookie = document.cookie.split("; ").find((one) => one.startsWith("onepoint_intake_ended="));
  return cookie ? cookie.split("=")[1].split(".") : [];
}

function fill(field, value, label) {
  if (/^(checkbox|radio)$/.test(field.type)) {
    if (field.value === value) field.checked = true;
    return;
  }
  if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === value)) field.add(new Option(label, value));
  if (field.value === value) return;
  field.value = value;
  if (field.tagName === "SELECT") {
    field.dispatchEvent(new Event("picker:refresh"));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}
