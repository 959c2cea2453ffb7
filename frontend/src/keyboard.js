// Shortcuts of the whole house. Links and fields name theirs: data-shortcut="n" or "g d".
const PAUSE = 900;
let pending = "";
let forget;

function isTyping(target) {
  return target.closest?.("input, textarea, select, [contenteditable]") !== null && target.type !== "checkbox";
}

function follow(target) {
  if (target.matches("input, textarea, select")) {
    target.focus();
    target.select?.();
  } else if (target.matches("dialog")) {
    target.showModal();
  } else {
    target.click();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && event.target.matches?.("input[data-shortcut]")) event.target.blur();
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  clearTimeout(forget);
  const keys = pending ? `${pending} ${event.key}` : event.key;
  const target = [...document.querySelectorAll("[data-shortcut]")].find((element) => element.dataset.shortcut === keys);
  if (target) {
    event.preventDefault();
    pending = "";
    follow(target);
    return;
  }
  const begins = [...document.querySelectorAll("[data-shortcut]")].some((element) => element.dataset.shortcut.startsWith(`${event.key} `));
  pending = begins ? event.key : "";
  forget = setTimeout(() => (pending = ""), PAUSE);
});

// Ctrl+Enter in a text area sends its form.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches?.("textarea")) {
    event.target.form?.requestSubmit();
  }
});
