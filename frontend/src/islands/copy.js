import { text } from "../texts.js";
import { toast } from "../toasts.js";

/** A button that puts data-copy on the clipboard. */
export function mount(button) {
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      toast(text("copied"));
    } catch {
      // Without https there is no clipboard: let the person copy by hand.
      window.prompt("", button.dataset.copy);
    }
  });
}
