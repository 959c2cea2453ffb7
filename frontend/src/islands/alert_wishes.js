// <div data-island="alert-wishes"> with checkboxes named "sound" and "desktop": kept on this device.
import { knowsDesktop, wish, wishes } from "../alerts.js";

export function mount(element) {
  for (const box of element.querySelectorAll("input[type=checkbox]")) {
    if (box.name === "desktop" && !knowsDesktop) {
      box.closest("label").hidden = true;
      continue;
    }
    box.checked = Boolean(wishes()[box.name]);
    box.addEventListener("change", async () => {
      if (!(await wish(box.name, box.checked))) box.checked = false;
      mark();
    });
  }
  mark();

  function mark() {
    const desk = document.querySelector("[data-island~=desk]");
    if (desk) desk.toggleAttribute("data-alerting", Object.values(wishes()).some(Boolean));
  }
}
