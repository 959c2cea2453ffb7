// Something rings at the agent: told as this person wishes, and the seconds that are left.
import { alertOf } from "../alerts.js";

export function mount(element) {
  alertOf(element.dataset.text);
  const timer = setInterval(() => {
    if (!element.isConnected) {
      clearInterval(timer);
      return;
    }
    for (const place of element.querySelectorAll("[data-countdown]")) {
      const left = Math.max(0, Number(place.dataset.countdown) - 1);
      place.dataset.countdown = left;
      place.textContent = left;
    }
  }, 1000);
}
