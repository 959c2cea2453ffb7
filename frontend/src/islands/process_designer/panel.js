// The properties of the chosen element.
import { areaField, fields, h, keepPlace, section, selectField, textField } from "./dom.js";
import { kindLabel, nameOf, ownName } from "./canvas.js";
import { duringSection, itemsSection, localsSection, outcomesSection, severalSection, timeSection, whoSection } from "./step_sections.js";
import { eventSection, flowSection, followingSection, taskSection } from "./path_sections.js";

export class Panel {
  constructor(box, { modeler, extensions, model, offers, ask }) {
    Object.assign(this, { box, modeler, ext: extensions, model, offers, ask, t: offers.texts });
    this.modeling = modeler.get("modeling");
    this.factory = modeler.get("bpmnFactory");
    this.selection = modeler.get("selection");
    this.memory = new Map();
    this.element = null;
    const bus = modeler.get("eventBus");
    bus.on("selection.changed", () => this.choose());
    bus.on("commandStack.changed", () => this.draw());
    bus.on("import.done", () => this.choose());
  }

  get bo() {
    return this.element.businessObject;
  }

  choose() {
    // What is being typed belongs to the element chosen until now.
    if (this.box.contains(document.activeElement)) document.activeElement.blur();
    const chosen = this.selection.get();
    const root = this.modeler.get("canvas").getRootElement();
    let element = chosen.length === 1 ? chosen[0] : chosen.length ? null : root;
    if (element?.labelTarget) element = element.labelTarget;
    if (element !== this.element) this.memory.clear();
    this.element = element;
    this.draw();
  }

  select(element) {
    this.selection.select(element);
    this.modeler.get("canvas").scrollToElement(element, 60);
  }

  draw() {
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      if (this.element && this.element.parent === null && this.element !== this.modeler.get("canvas").getRootElement()) {
        this.element = this.modeler.get("canvas").getRootElement();
      }
      keepPlace(this.box, () => this.box.replaceChildren(...this.parts()));
      if (this.fromTop) this.box.scrollTop = 0;
      this.fromTop = false;
    });
  }

  /** Something else in the place of the properties, such as a test run; null brings them back. */
  show(other) {
    this.other = other;
    this.fromTop = true;
    this.draw();
  }

  parts() {
    const { t } = this;
    if (this.other) return this.other().filter(Boolean);
    if (!this.element) return [this.chooser(), h("p", { class: "designer__hint muted" }, t.severalSelected)];
    if (!this.bo?.$instanceOf) return [this.chooser()];
    const parts = [this.chooser(), this.general()];
    const type = this.bo.$type;
    if (type === "bpmn:SequenceFlow") parts.push(flowSection(this));
    if (type === "bpmn:UserTask") parts.push(whoSection(this), outcomesSection(this), duringSection(this), itemsSection(this), timeSection(this));
    if (this.bo.$instanceOf("bpmn:Event")) parts.push(eventSection(this));
    if (this.bo.$instanceOf("bpmn:Task")) parts.push(taskSection(this));
    if (type === "bpmn:CallActivity") parts.push(taskSection(this));
    if (type === "bpmn:SubProcess" && !this.bo.triggeredByEvent) parts.push(severalSection(this), localsSection(this));
    if (["bpmn:UserTask", "bpmn:CallActivity"].includes(type)) parts.push(severalSection(this));
    parts.push(followingSection(this));
    return parts.filter(Boolean);
  }

  chooser() {
    const { t, offers } = this;
    const root = this.modeler.get("canvas").getRootElement();
    const elements = this.modeler.get("elementRegistry").filter((one) => one.type !== "label" && one !== root && one.businessObject?.$instanceOf?.("bpmn:FlowElement"));
    const options = elements
      .map((one) => ({ value: one.id, label: this.describe(one), order: [one.waypoints ? 1 : 0, one.y ?? 0, one.x ?? 0] }))
      .sort((a, b) => a.order[0] - b.order[0] || a.label.localeCompare(b.label));
    const chooser = selectField(t.element, [{ value: "", label: t.wholeProcess }, ...options], this.element === root ? "" : (this.element?.id ?? ""), (id) => {
      if (id) this.select(this.modeler.get("elementRegistry").get(id));
      else this.selection.select([]);
    }, { path: "chooser" });
    return h("div", { class: "designer__chooser" }, chooser, !this.element || this.element === root ? h("p", { class: "muted" }, offers.texts.noSelection) : null);
  }

  describe(element) {
    const words = this.offers.canvas;
    if (element.waypoints) {
      const name = ownName(element);
      return `→ ${name ? `${name}: ` : ""}${nameOf(element.source, words)} – ${nameOf(element.target, words)}`;
    }
    return `${ownName(element) || this.t.unnamed} · ${kindLabel(element, words)}`;
  }

  general() {
    const { t, bo } = this;
    const isProcess = bo.$type === "bpmn:Process";
    const isText = bo.$type === "bpmn:TextAnnotation";
    const heading = isProcess ? t.process : kindLabel(this.element, this.offers.canvas);
    if (isText) return section("general", heading, true, areaField(t.note, bo.text, (text) => this.modeling.updateProperties(this.element, { text }), { path: "text" }));
    const note = bo.documentation?.[0]?.text ?? "";
    const setNote = (text) => {
      const made = text ? [this.factory.create("bpmn:Documentation", { text })] : undefined;
      for (const one of made ?? []) one.$parent = bo;
      this.modeling.updateProperties(this.element, { documentation: made });
    };
    return section(
      "general",
      heading,
      true,
      fields(
        textField(t.name, bo.name, (name) => this.modeling.updateProperties(this.element, { name }), { path: "name" }),
        textField(t.nameEn, this.ext.attribute(bo, "nameEn"), (value) => this.ext.setAttribute(this.element, "nameEn", value), { path: "nameEn" }),
      ),
      bo.$type !== "bpmn:SequenceFlow" && areaField(t.note, note, setNote, { path: "note", rows: 1 }),
    );
  }

  // drawing from the panel

  append(type, eventDefinitionType) {
    const more = eventDefinitionType ? { eventDefinitionType } : {};
    const shape = this.modeler.get("elementFactory").createShape({ type, ...more, ...(type === "bpmn:SubProcess" ? { isExpanded: true } : {}) });
    this.select(this.modeler.get("autoPlace").append(this.element, shape));
  }

  /** A path to another element; where others stand between, it goes around: forward above them, back below. */
  lead(target) {
    const { element } = this;
    const path = this.modeling.connect(element, target);
    if (!path) return;
    const middle = (shape) => ({ x: shape.x + shape.width / 2, y: shape.y + shape.height / 2 });
    const [from, to] = [middle(element), middle(target)];
    const between = element.parent.children.filter((one) => {
      const isShape = !one.waypoints && one.type !== "label" && one !== element && one !== target && !one.host;
      const x = isShape ? middle(one).x : 0;
      return isShape && x > Math.min(from.x, to.x) && x < Math.max(from.x, to.x) && one.y < Math.max(from.y, to.y) + 40 && one.y + one.height > Math.min(from.y, to.y) - 40;
    });
    const involved = [element, target, ...between];
    if (to.x < from.x && to.x + target.width / 2 < element.x) {
      const below = Math.max(...involved.map((one) => one.y + one.height)) + 40;
      this.modeling.updateWaypoints(path, [{ x: from.x, y: element.y + element.height }, { x: from.x, y: below }, { x: to.x, y: below }, { x: to.x, y: target.y + target.height }]);
    } else if (between.length) {
      const above = Math.min(...involved.map((one) => one.y)) - 40;
      this.modeling.updateWaypoints(path, [{ x: from.x, y: element.y }, { x: from.x, y: above }, { x: to.x, y: above }, { x: to.x, y: target.y }]);
    }
    this.select(path);
  }

  attach(eventDefinitionType) {
    const { element } = this;
    const event = this.modeler.get("elementFactory").createShape({ type: "bpmn:BoundaryEvent", eventDefinitionType });
    const place = { x: element.x + 25 + 45 * element.attachers.length, y: element.y + element.height };
    this.select(this.modeling.createShape(event, place, element, { attach: true }));
  }

  putInside(type) {
    const { element } = this;
    const shape = this.modeler.get("elementFactory").createShape({ type });
    const taken = element.children.filter((child) => child.type !== "label" && !child.waypoints);
    const right = Math.max(element.x + 10, ...taken.map((child) => child.x + child.width));
    const place = { x: right + 30 + shape.width / 2, y: element.y + element.height / 2 };
    this.select(this.modeling.createShape(shape, place, element));
  }
}
