// The process designer: canvas, properties, checks, saving. data-offers: the <script> with what the server offers.
import "./designer.css";
import { toast } from "../../toasts.js";
import { createCanvas, fit } from "./canvas.js";
import { Checks } from "./checks.js";
import { h } from "./dom.js";
import { Extensions } from "./extensions.js";
import { Model } from "./model.js";
import { Panel } from "./panel.js";
import { readDrawing } from "./reading.js";
import { Saving } from "./saving.js";
import { Trial } from "./trial.js";

function csrf() {
  return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
}

/** Posts JSON; a refusal is thrown with what the server said. */
async function ask(url, body) {
  const response = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf() },
    body: JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw Object.assign(new Error(answer.title ?? String(response.status)), { status: response.status, answer });
  return answer;
}

function download(name, content) {
  const link = h("a", { href: URL.createObjectURL(new Blob([content], { type: "application/xml" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export async function mount(box) {
  const offers = JSON.parse(document.querySelector(box.dataset.offers).textContent);
  const canvasBox = box.querySelector("[data-canvas]");
  const begun = await (await fetch(offers.urls.drawing, { credentials: "same-origin", headers: { Accept: "application/json" } })).json();
  const modeler = createCanvas(canvasBox, offers.canvas);
  const extensions = new Extensions(modeler);
  const model = new Model(modeler, extensions, offers);
  const panel = new Panel(box.querySelector("[data-panel]"), { modeler, extensions, model, offers, ask });
  const notice = box.querySelector("[data-notice]");
  const say = (...parts) => {
    notice.hidden = !parts.length;
    notice.replaceChildren(...parts);
  };
  const house = { box, offers, modeler, extensions, model, panel, ask, say, toast, download: (xml) => download(`${offers.key}.bpmn`, xml) };
  try {
    const { lost, laidOut } = await readDrawing(modeler, begun.bpmn);
    if (lost.length) say(offers.texts.lost.replace("%s", lost.slice(0, 3).join("; ")));
    else if (laidOut) say(offers.texts.laidOut);
  } catch (error) {
    say(offers.texts.cannotRead.replace("%s", error.message));
    return;
  }
  extensions.prefix; // declares the namespace where the file lacks it
  const saving = new Saving(house, begun);
  const checks = new Checks(house, saving);
  house.saving = saving;
  house.checks = checks;
  house.trial = new Trial(house);
  bar(house);
  fit(modeler);
  box.dataset.ready = "true";
}

function bar({ box, modeler, saving, checks, trial, download: give }) {
  const stack = modeler.get("commandStack");
  const canvas = modeler.get("canvas");
  const deeds = {
    undo: () => stack.undo(),
    redo: () => stack.redo(),
    closer: () => canvas.zoom(canvas.zoom() * 1.25, "auto"),
    farther: () => canvas.zoom(canvas.zoom() / 1.25, "auto"),
    fit: () => fit(modeler),
    check: () => checks.show(),
    trial: () => trial.toggle(),
    export: async () => give(await saving.xml()),
    publish: () => checks.askToPublish(),
  };
  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    button.closest("details.menu")?.removeAttribute("open");
    deeds[button.dataset.do]?.();
  });
  // The canvas hears its keys only while it has the focus; these two are expected everywhere but in a field.
  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    if (event.defaultPrevented || !(event.ctrlKey || event.metaKey) || !["y", "z"].includes(key)) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) stack.redo();
    else stack.undo();
  });
  const refresh = () => {
    box.querySelector('[data-do="undo"]').disabled = !stack.canUndo();
    box.querySelector('[data-do="redo"]').disabled = !stack.canRedo();
  };
  modeler.get("eventBus").on("commandStack.changed", refresh);
  refresh();
  new ResizeObserver(() => canvas.resized()).observe(box.querySelector("[data-canvas]"));
}
