// Stands in for the package CodeMirror writes its styles with: they become a sheet made by script, because the page's
// policy ignores <style> elements.
import { StyleModule } from "../../node_modules/style-mod/src/style-mod.js";

const roots = new WeakMap();

/** The document as a place that has adopted sheets and no head, for which the package makes such a sheet. */
class Sheets {
  constructor(document) {
    this.ownerDocument = document;
  }

  get adoptedStyleSheets() {
    return [...this.ownerDocument.adoptedStyleSheets];
  }

  set adoptedStyleSheets(sheets) {
    this.ownerDocument.adoptedStyleSheets = sheets;
  }
}

const { mount } = StyleModule;
StyleModule.mount = (root, modules, options) => {
  if (root.head && !roots.has(root)) roots.set(root, new Sheets(root));
  return mount.call(StyleModule, roots.get(root) ?? root, modules, options);
};

export { StyleModule };
