// data-confirm="question" on a form or button asks in a <dialog> before anything is sent.
import { text } from "./texts.js";

const agreed = new WeakSet();

/** Asks a question; resolves to whether the person agreed. */
export function ask(question, verb, dangerous = true) {
  const dialog = document.createElement("dialog");
  dialog.className = "sheet";
  const body = document.createElement("div");
  body.className = "sheet__body pre";
  body.textContent = question;
  const foot = document.createElement("form");
  foot.method = "dialog";
  foot.className = "sheet__foot";
  for (const [value, label, css] of [["", text("cancel"), "btn"], ["yes", verb || text("confirm"), `btn ${dangerous ? "btn-danger" : "btn-primary"}`]]) {
    const button = document.createElement("button");
    Object.assign(button, { value, textContent: label, className: css });
    foot.append(button);
  }
  dialog.append(body, foot);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    }),
  );
}

document.addEventListener(
  "submit",
  (event) => {
    const source = event.submitter?.dataset.confirm ? event.submitter : event.target;
    const question = source.dataset.confirm;
    if (!question || agreed.delete(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter, target } = event;
    ask(question, source.dataset.confirmVerb || submitter?.textContent.trim(), source.dataset.confirmTone !== "calm").then((yes) => {
      if (!yes) return submitter?.focus();
      agreed.add(target);
      target.requestSubmit(submitter);
    });
  },
  true,
);

// hx-confirm goes through the same dialog.
document.addEventListener("htmx:confirm", (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  ask(event.detail.question).then((yes) => yes && event.detail.issueRequest(true));
});
