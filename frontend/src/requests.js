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

document.addEventListener("htmx:sendError", () => toast(text("offline"), "error"));
document.addEventListener("htmx:timeout", () => toast(text("offline"), "error"));

// A view may send HX-Trigger: {"toast": {"text": "…", "level": "success"}}
document.addEventListener("toast", (event) => toast(event.detail.text ?? event.detail.value, event.detail.level));
