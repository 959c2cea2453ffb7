// Sound and desktop notification for new work: wished for on this device, by this person.
import { text } from "./texts.js";

const key = `onepoint-alerts-${document.body.dataset.liveFor}`;
const GAP = 5000;
let last = -Infinity;

export function wishes() {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "{}") ?? {};
  } catch {
    return {};
  }
}

/** Keeps a wish; false when the browser refuses desktop notifications. */
export async function wish(name, wanted) {
  if (name === "desktop" && wanted && (await Notification.requestPermission()) !== "granted") return false;
  localStorage.setItem(key, JSON.stringify({ ...wishes(), [name]: wanted }));
  if (name === "sound" && wanted) chime();
  return true;
}

export const knowsDesktop = "Notification" in window && window.isSecureContext;

function chime() {
  const context = new AudioContext();
  const volume = context.createGain();
  volume.gain.setValueAtTime(0.12, context.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.7);
  volume.connect(context.destination);
  [660, 880].forEach((frequency, place) => {
    const tone = context.createOscillator();
    tone.frequency.value = frequency;
    tone.connect(volume);
    tone.start(context.currentTime + place * 0.16);
    tone.stop(context.currentTime + 0.7);
  });
  setTimeout(() => context.close(), 1000);
}

/** Does `act` in one of the tabs only. */
function once(act) {
  if (!navigator.locks) return act();
  return navigator.locks.request(key, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    act();
    await new Promise((resolve) => setTimeout(resolve, GAP));
  });
}

/** Tells of new work as this person wishes; at most once in some seconds. */
export function alertOf(message) {
  if (performance.now() - last < GAP) return;
  last = performance.now();
  const { sound, desktop } = wishes();
  if (!sound && !desktop) return;
  once(() => {
    if (sound) chime();
    if (desktop && knowsDesktop && Notification.permission === "granted" && document.visibilityState !== "visible") {
      const shown = new Notification(text("product"), { body: message, tag: key });
      shown.onclick = () => window.focus();
    }
  });
}
