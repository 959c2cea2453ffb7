import { text } from "./texts.js";

const LIFETIME = 6000;

function box() {
  return document.getElementById("toasts");
}

/** Shows a notice element for a while; errors stay until they are closed. */
export function showNotice(notice, stays = false) {
  const close = document.createElement("button");
  close.type = "button";
  close.className = "notice__close";
  close.textContent = "×";
  close.setAttribute("aria-label", text("close"));
  close.addEventListener("click", () => notice.remove());
  notice.append(close);
  box()?.append(notice);
  if (!stays) setTimeout(() => notice.remove(), LIFETIME);
}

export function toast(message, level = "success") {
  const notice = document.createElement("div");
  notice.className = `notice notice--${level}`;
  const body = document.createElement("div");
  body.textContent = message;
  notice.append(body);
  showNotice(notice, level === "error");
}
