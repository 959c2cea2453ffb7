// Two drawings beside each other: what was added, removed, changed or moved is coloured, and both move together.
// data-old-url, data-new-url: the drawings; data-marks: <script> with [{id, change}].
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./process_comparison.css";
import { shownNames } from "./process_names.js";

const SIDES = { old: ["removed", "changed", "moved"], new: ["added", "changed", "moved"] };

async function drawing(url) {
  const response = await fetch(url, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  const isJson = response.headers.get("Content-Type")?.includes("json");
  return isJson ? (await response.json()).bpmn : response.text();
}

async function show(box, side, marks) {
  const style = getComputedStyle(document.body);
  const viewer = new NavigatedViewer({
    container: box.querySelector(`[data-side="${side}"]`),
    textRenderer: { defaultStyle: { fontFamily: style.fontFamily, fontSize: 12 } },
    bpmnRenderer: { defaultStrokeColor: style.getPropertyValue("--op-ink-soft").trim() },
    additionalModules: [shownNames],
  });
  await viewer.importXML(await drawing(box.dataset[`${side}Url`]));
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  for (const { id, change } of marks) {
    if (SIDES[side].includes(change) && registry.get(id) && registry.get(id) !== canvas.getRootElement()) canvas.addMarker(id, `diff-${change}`);
  }
  canvas.zoom("fit-viewport", "auto");
  return viewer;
}

function together(viewers) {
  let moving = false;
  for (const [one, other] of [viewers, [...viewers].reverse()]) {
    one.on("canvas.viewbox.changed", ({ viewbox }) => {
      if (moving) return;
      moving = true;
      other.get("canvas").viewbox({ x: viewbox.x, y: viewbox.y, width: viewbox.width, height: viewbox.height });
      moving = false;
    });
  }
}

export async function mount(box) {
  if (!box.dataset.oldUrl || !box.dataset.newUrl) return;
  const marks = JSON.parse(document.querySelector(box.dataset.marks).textContent);
  const viewers = [await show(box, "old", marks), await show(box, "new", marks)];
  together(viewers);
  box.addEventListener("click", (event) => {
    const id = event.target.closest("[data-element]")?.dataset.element;
    if (!id) return;
    for (const viewer of viewers) {
      const canvas = viewer.get("canvas");
      const shape = viewer.get("elementRegistry").get(id);
      for (const marked of viewer.get("elementRegistry").filter((one) => canvas.hasMarker(one, "diff-shown"))) canvas.removeMarker(marked, "diff-shown");
      if (!shape || shape === canvas.getRootElement()) continue;
      canvas.addMarker(shape, "diff-shown");
      canvas.scrollToElement(shape, 80);
    }
    box.querySelector(".process").scrollIntoView({ block: "nearest" });
  });
  box.dataset.ready = "true";
}
