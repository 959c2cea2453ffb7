// A form that sends itself when its page is opened, such as the claim of a step that is claimed by opening the ticket. Only where
// somebody looks: a page in a tab behind waits until it is turned to. Coming back to a page as it was left sends nothing.
function sendAtOnce() {
  if (document.visibilityState !== "visible") return;
  document.removeEventListener("visibilitychange", sendAtOnce);
  document.querySelector("form[data-send-at-once]")?.requestSubmit();
}

if (performance.getEntriesByType("navigation")[0]?.type !== "back_forward") {
  document.addEventListener("visibilitychange", sendAtOnce);
  sendAtOnce();
}
