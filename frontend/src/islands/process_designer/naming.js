// Naming on the canvas: in English the English name is typed and searched for, and the Chinese one stays.
import LabelEditingProvider from "bpmn-js/lib/features/label-editing/LabelEditingProvider";
import { englishName, readsEnglish, renamedInEnglish, shownName } from "../process_names.js";
import { Extensions } from "./extensions.js";

class Naming extends LabelEditingProvider {
  constructor(eventBus, bpmnFactory, canvas, directEditing, modeling, resizeHandles, textRenderer, bpmnjs) {
    super(eventBus, bpmnFactory, canvas, directEditing, modeling, resizeHandles, textRenderer);
    this.setEnglish = (element, name) => new Extensions(bpmnjs).setAttribute(element, "nameEn", name);
    // Who takes a label off the drawing takes it off in both languages.
    eventBus.on("commandStack.shape.delete.postExecute", ({ context: { labelTarget, hints } }) => {
      if (labelTarget && hints?.unsetLabel !== false && englishName(labelTarget.businessObject)) this.setEnglish(labelTarget, "");
    });
  }

  activate(element) {
    const begun = super.activate(element);
    return begun && { ...begun, text: shownName(element.businessObject) || begun.text };
  }

  update(element, text, before, bounds) {
    const change = readsEnglish() ? renamedInEnglish(element.businessObject, text.trim()) : {};
    if (change.nameEn === undefined) super.update(element, text, before, bounds);
    else if (text !== before) this.setEnglish(element.labelTarget ?? element, change.nameEn);
  }
}
Naming.$inject = [...LabelEditingProvider.$inject, "bpmnjs"];

class NameSearch {
  constructor(canvas, elementRegistry, searchPad, search) {
    Object.assign(this, { canvas, elementRegistry, search });
    searchPad.registerProvider(this);
  }

  find(pattern) {
    const roots = this.canvas.getRootElements();
    const shapes = this.elementRegistry.filter((element) => !element.labelTarget && !roots.includes(element));
    const named = shapes.map((element) => ({ element, label: shownName(element.businessObject), id: element.id }));
    return this.search(named, pattern, { keys: ["label", "id"] }).map(({ item, tokens }) => ({
      element: item.element,
      primaryTokens: tokens.label,
      secondaryTokens: tokens.id,
    }));
  }
}
NameSearch.$inject = ["canvas", "elementRegistry", "searchPad", "search"];

export const naming = { labelEditingProvider: ["type", Naming], bpmnSearch: ["type", NameSearch] };
