import { text } from "./texts.js";
import { showNotice, toast } from "./toasts.js";

function refusalIn(response) {
  const parsed = new DOMParser().parseFromString(response, "text/html");
  return parsed.querySelector("[data-refusal]");
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status < 400) return;
  const refusal = refusalIn(xhr.responseText);
  if (refusal) {
    event.detail.shouldSwap = false;
    showNotice(document.adoptNode(refusal), true);
  } else if (xhr.status === 422) {
    // A form that was refused comes back with its errors.
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  } else {
    toast(text(xhr.status === 404 ? "gone" : "failed"), "error");
  }
});

/** Whether the page asked by itself; that it got no answer is told by the live sign, not once for each of its parts. */
function isByItself({ elt, requestConfig }) {
  const event = requestConfig?.triggeringEvent;
  return event ? event.type.startsWith("live:") : /\b(load|every)\b/.test(elt?.getAttribute("hx-trigger") ?? "");
}

function tellOffline(event) {
  if (!isByItself(event.detail)) toast(text("offline"), "error");
}

document.addEventListener("htmx:sendError", tellOffline);
document.addEventListener("htmx:timeout", tellOffline);

// A view may send HX-Trigger: {"toast": {"text": "…", "level": "success"}}
document.addEventListener("toast", (event) => toast(event.detail.text ?? event.detail.value, event.detail.level));
