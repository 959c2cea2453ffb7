// A second click on "send" while the first is under way does nothing.
const sent = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "get" || form.method === "dialog" || event.defaultPrevented) return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  sent.add(form);
  // Disabled only after the browser has collected the values, since the pressed button is one of them.
  setTimeout(() => {
    for (const button of form.querySelectorAll('button[type="submit"], button:not([type])')) button.setAttribute("aria-disabled", "true");
  });
});

function release(form) {
  sent.delete(form);
  for (const button of form.querySelectorAll?.('button[aria-disabled="true"]') ?? []) button.removeAttribute("aria-disabled");
}

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest?.("form");
  if (form) release(form);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach(release));
