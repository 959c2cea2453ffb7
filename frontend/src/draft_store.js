// Drafts live on the server, one per person and place, so that they outlive this browser.
function headers() {
  const token = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";
  return { "X-CSRFToken": token, "Content-Type": "application/json" };
}

export class DraftStore {
  constructor(url) {
    this.url = url;
    this.running = null;
  }

  /** What was kept: {at, values: [[name, value, label], …]} or null. */
  async read() {
    try {
      const response = await fetch(this.url, { headers: { Accept: "application/json" }, redirect: "error" });
      return response.ok && response.status !== 204 ? await response.json() : null;
    } catch {
      return null;
    }
  }

  async write(values, keepalive = false) {
    this.running?.abort();
    this.running = new AbortController();
    try {
      await fetch(this.url, {
        method: "POST", body: JSON.stringify({ values }), headers: headers(), keepalive, redirect: "error",
        signal: keepalive ? undefined : this.running.signal,
      });
    } catch {
      // Without a connection there is no draft; what is typed stays on the page.
    }
  }

  stop() {
    this.running?.abort();
  }

  async forget() {
    this.stop();
    try {
      await fetch(this.url, { method: "DELETE", headers: headers(), redirect: "error" });
    } catch {
      // It goes by itself after some days.
    }
  }
}

const NEVER_KEPT = new Set(["csrfmiddlewaretoken", "key", "password"]);

/** The fields of a form as [[name, value, label], …]; no files, no secrets. */
export function valuesOf(form) {
  const values = [];
  for (const field of form.elements) {
    if (!field.name || NEVER_KEPT.has(field.name) || /^(submit|button|file|password)$/.test(field.type)) continue;
    if (/^(checkbox|radio)$/.test(field.type)) {
      if (field.checked) values.push([field.name, field.value, ""]);
    } else if (field.type === "select-multiple") {
      for (const option of field.selectedOptions) values.push([field.name, option.value, option.text]);
    } else {
      values.push([field.name, field.value, field.selectedOptions?.[0]?.text ?? ""]);
    }
  }
  return values;
}

/** Puts kept values back into a form. */
export function fillForm(form, values) {
  const byName = Map.groupBy ? Map.groupBy(values, ([name]) => name) : grouped(values);
  for (const field of form.elements) {
    const kept = byName.get(field.name);
    if (!kept || /^(submit|button|file|password)$/.test(field.type)) continue;
    if (/^(checkbox|radio)$/.test(field.type)) {
      const checked = kept.some(([, value]) => value === field.value);
      if (field.checked !== checked) {
        field.checked = checked;
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
      continue;
    }
    if (field.type === "select-multiple") {
      for (const [, value, label] of kept) if (![...field.options].some((one) => one.value === value)) field.add(new Option(label, value));
      for (const option of field.options) option.selected = kept.some(([, value]) => value === option.value);
      field.dispatchEvent(new Event("picker:refresh"));
      continue;
    }
    const [, value, label] = kept[0];
    if (field.value === value) continue;
    if (field.tagName === "SELECT" && ![...field.options].some((one) => one.value === value)) field.add(new Option(label, value));
    field.value = value;
    if (field.tagName === "SELECT") field.dispatchEvent(new Event("picker:refresh"));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function grouped(values) {
  const groups = new Map();
  for (const one of values) groups.set(one[0], [...(groups.get(one[0]) ?? []), one]);
  return groups;
}
