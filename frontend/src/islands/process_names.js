// Names on a drawing in the reader's language. The English one stands beside the name, as op:nameEn; a drawing is
// never changed in order to show it.

const LABEL_WIDTH = 84; // labels are laid out for Chinese; English words would break in the middle

export function readsEnglish() {
  return document.documentElement.lang.startsWith("en");
}

/** The English name of a thing drawn, whatever prefix the file has for our namespace; "" where none is given. */
export function englishName(businessObject) {
  const given = businessObject?.$attrs ?? {};
  return given[Object.keys(given).find((name) => name.endsWith(":nameEn"))] ?? "";
}

export function shownName(businessObject, english = readsEnglish()) {
  return (english && englishName(businessObject)) || businessObject.name || "";
}

/** What a name given by somebody who reads English changes: one in Chinese is left to those who read Chinese. */
export function renamedInEnglish(businessObject, text) {
  const name = businessObject.name ?? "";
  if (!englishName(businessObject) && !/\p{Script=Han}/u.test(name)) return { name: text };
  return { nameEn: text === name ? "" : text };
}

function as(thing, own) {
  return Object.create(thing, Object.fromEntries(Object.entries(own).map(([key, value]) => [key, { value }])));
}

/** How far a label is moved: the middle stays, except beside a shape; a second line goes up, off the path below it. */
function place({ x, width, labelTarget }, shownWidth, drawn, { fontSize, lineHeight }) {
  const isBeside = x >= labelTarget.x + labelTarget.width; // never of a path, which has neither
  const more = labelTarget.waypoints ? drawn.querySelectorAll("tspan").length - 1 : 0;
  return [isBeside ? 0 : (width - shownWidth) / 2, -more * fontSize * lineHeight];
}

class ShownNames {
  constructor(eventBus, bpmnRenderer, textRenderer) {
    eventBus.on("render.shape", 1500, (_event, { gfx, element, attrs }) => {
      const name = readsEnglish() && englishName(element.businessObject);
      if (!name) return undefined; // the usual renderer is asked next
      const shown = { businessObject: as(element.businessObject, { name }) };
      if (element.labelTarget) shown.width = Math.max(element.width, LABEL_WIDTH);
      const drawn = bpmnRenderer.drawShape(gfx, as(element, shown), attrs);
      if (element.labelTarget) {
        const moved = place(element, shown.width, drawn, textRenderer.getExternalStyle());
        drawn.setAttribute("transform", `translate(${moved.join(" ")})`);
      }
      return drawn;
    });
  }
}
ShownNames.$inject = ["eventBus", "bpmnRenderer", "textRenderer"];

/** For a viewer or modeler of bpmn-js. */
export const shownNames = { __init__: ["shownNames"], shownNames: ["type", ShownNames] };
