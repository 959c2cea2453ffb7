// The process picture: the drawing of the version a ticket runs on, with what happened laid over it.
// data-xml-url: BPMN XML. data-state-url: {nodes: {id: {state, who, since, duration, count}}, flows: [ids taken]}.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import { text } from "../texts.js";

const LABEL_WIDTH = 84;
const STATES = new Set(["now", "done", "returned", "skipped", "incident", "cool", "warm", "hot"]);

async function get(url) {
  const response = await fetch(url, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  return response;
}

function note(node) {
  const box = document.createElement("div");
  box.className = `node-note node-note--${node.state}`;
  const parts = [node.who, node.duration ?? node.since, node.count > 1 ? `×${node.count}` : ""].filter(Boolean);
  box.textContent = parts.join(" · ");
  box.title = [node.who, node.since, node.duration].filter(Boolean).join("\n");
  return parts.length ? box : null;
}

/** Labels are drawn for Chinese; other languages need more width, or words break in the middle. */
function widenLabels(xml) {
  const drawing = new DOMParser().parseFromString(xml, "application/xml");
  for (const bounds of drawing.querySelectorAll("BPMNLabel > Bounds")) {
    const [x, width] = ["x", "width"].map((name) => Number(bounds.getAttribute(name)));
    if (width >= LABEL_WIDTH) continue;
    const shape = bounds.parentElement.parentElement.querySelector(":scope > Bounds");
    const isBeside = shape && x >= Number(shape.getAttribute("x")) + Number(shape.getAttribute("width"));
    if (!isBeside) bounds.setAttribute("x", x - (LABEL_WIDTH - width) / 2);
    bounds.setAttribute("width", LABEL_WIDTH);
  }
  return new XMLSerializer().serializeToString(drawing);
}

function drawState(viewer, { nodes = {}, flows = [] }) {
  const canvas = viewer.get("canvas");
  const overlays = viewer.get("overlays");
  const drawn = viewer.get("elementRegistry");
  for (const id of flows) if (drawn.get(id)) canvas.addMarker(id, "flow-taken");
  for (const [id, node] of Object.entries(nodes)) {
    const shape = drawn.get(id);
    if (!shape || !STATES.has(node.state)) continue;
    canvas.addMarker(id, `node-${node.state}`);
    const html = note(node);
    if (html) overlays.add(id, "state", { position: { bottom: -3, left: 0 }, html });
  }
}

/** Asks again for what many instances do, as long as the picture can be seen, and draws it anew. */
function keepFresh(box, viewer, state, seconds) {
  let shown = state;
  const timer = setInterval(async () => {
    if (!box.isConnected) return clearInterval(timer);
    if (document.hidden) return;
    try {
      const fresh = await get(box.dataset.stateUrl).then((response) => response.json());
      const canvas = viewer.get("canvas");
      for (const [id, node] of Object.entries(shown.nodes ?? {})) {
        if (viewer.get("elementRegistry").get(id)) canvas.removeMarker(id, `node-${node.state}`);
      }
      viewer.get("overlays").remove({ type: "state" });
      drawState(viewer, fresh);
      shown = fresh;
    } catch (error) {
      console.warn(error);
    }
  }, seconds * 1000);
}

function fit(canvas) {
  canvas.zoom("fit-viewport", "auto");
  // A little air around it, and never larger than life.
  canvas.zoom(Math.min(canvas.zoom() * 0.95, 1), "auto");
}

/** Fits the whole drawing when it stays readable, else puts the current step in the middle at a readable size. */
function look(viewer, nodes) {
  const canvas = viewer.get("canvas");
  canvas.resized();
  fit(canvas);
  if (canvas.zoom() >= 0.55) return;
  canvas.zoom(0.75);
  const now = Object.keys(nodes).find((id) => nodes[id].state === "now" || nodes[id].state === "incident");
  const shape = now && viewer.get("elementRegistry").get(now);
  if (shape) canvas.scrollToElement(shape, 80);
}

function tools(box, viewer, nodes) {
  const canvas = viewer.get("canvas");
  const actions = {
    in: () => canvas.zoom(canvas.zoom() * 1.25, "auto"),
    out: () => canvas.zoom(canvas.zoom() / 1.25, "auto"),
    fit: () => fit(canvas),
    now: () => look(viewer, nodes),
  };
  box.addEventListener("click", (event) => actions[event.target.closest("[data-zoom]")?.dataset.zoom]?.());
}

export async function mount(box) {
  const container = box.querySelector(".process__canvas") ?? box.appendChild(document.createElement("div"));
  container.className = "process__canvas";
  try {
    const [xml, state] = await Promise.all([
      get(box.dataset.xmlUrl).then((response) => response.text()),
      box.dataset.stateUrl ? get(box.dataset.stateUrl).then((response) => response.json()) : {},
    ]);
    const style = getComputedStyle(document.body);
    const viewer = new NavigatedViewer({
      container,
      textRenderer: { defaultStyle: { fontFamily: style.fontFamily, fontSize: 12 } },
      bpmnRenderer: { defaultStrokeColor: style.getPropertyValue("--op-ink-soft").trim() },
    });
    await viewer.importXML(widenLabels(xml));
    drawState(viewer, state);
    tools(box, viewer, state.nodes ?? {});
    look(viewer, state.nodes ?? {});
    // Inside a closed tab or <details> the picture has no size yet.
    let seen = box.offsetWidth > 0;
    new ResizeObserver(() => {
      if (!seen && box.offsetWidth > 0) {
        seen = true;
        look(viewer, state.nodes ?? {});
      }
    }).observe(box);
    if (box.dataset.refresh) keepFresh(box, viewer, state, Number(box.dataset.refresh));
    box.dataset.ready = "true";
  } catch (error) {
    console.error(error);
    container.replaceChildren();
    const failed = document.createElement("p");
    failed.className = "process__failed";
    failed.textContent = text("noPicture");
    container.append(failed);
  }
}
