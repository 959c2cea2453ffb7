/** Warns before leaving a page whose form was changed and not sent. */
export function mount(form) {
  let changed = false;
  const note = (event) => {
    if (event.isTrusted) changed = true;
  };
  form.addEventListener("input", note);
  form.addEventListener("change", note);
  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) changed = false;
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt === form && event.detail.successful) changed = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed && form.isConnected) event.preventDefault();
  });
}
