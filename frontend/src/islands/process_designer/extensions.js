// The op: elements and attributes of a drawing, read as plain objects and written through the command stack.
// They stay "generic" to moddle, so that what this page does not know is kept as it is.
const OP = "urn:onepoint:bpmn";

export class Extensions {
  constructor(modeler) {
    this.modeling = modeler.get("modeling");
    this.moddle = modeler.get("moddle");
    this.factory = modeler.get("bpmnFactory");
    this.canvas = modeler.get("canvas");
    this.modeler = modeler;
  }

  /** The prefix the file uses for our namespace; declared where it is missing. */
  get prefix() {
    const { $attrs } = this.modeler.getDefinitions();
    const declared = Object.keys($attrs).find((name) => name.startsWith("xmlns:") && $attrs[name] === OP);
    if (declared) return declared.slice(6);
    $attrs["xmlns:op"] = OP;
    return "op";
  }

  attribute(businessObject, name) {
    return businessObject.$attrs[`${this.prefix}:${name}`] ?? "";
  }

  setAttribute(element, name, value, businessObject = element.businessObject) {
    const properties = { [`${this.prefix}:${name}`]: value || undefined };
    if (businessObject === element.businessObject) this.modeling.updateProperties(element, properties);
    else this.modeling.updateModdleProperties(element, businessObject, properties);
  }

  /** Elements called op:name as {attributes, children, text}. */
  read(businessObject, name) {
    const values = businessObject.get("extensionElements")?.values ?? [];
    return values.filter((value) => is(value, name)).map(plain);
  }

  /** Puts the given plain elements in the place of those called op:name. */
  write(element, name, elements, businessObject = element.businessObject) {
    const container = businessObject.get("extensionElements");
    const old = container?.values ?? [];
    const fresh = elements.map((one) => this.generic({ ...one, name }));
    const at = old.findIndex((value) => is(value, name));
    const others = old.filter((value) => !is(value, name));
    const place = at < 0 ? others.length : old.slice(0, at).filter((value) => !is(value, name)).length;
    const values = [...others.slice(0, place), ...fresh, ...others.slice(place)];
    if (container) {
      for (const value of fresh) value.$parent = container;
      this.modeling.updateModdleProperties(element, container, { values });
    } else {
      const made = this.factory.create("bpmn:ExtensionElements", { values });
      made.$parent = businessObject;
      for (const value of fresh) value.$parent = made;
      this.modeling.updateModdleProperties(element, businessObject, { extensionElements: made });
    }
  }

  generic({ name, attributes = {}, children = [], text = "" }) {
    const given = Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== "" && value !== undefined && value !== null));
    const made = this.moddle.createAny(`${this.prefix}:${name}`, OP, given);
    if (text) made.$body = text;
    if (children.length) {
      made.$children = children.map((child) => this.generic(child));
      for (const child of made.$children) child.$parent = made;
    }
    return made;
  }
}

function is(value, name) {
  const descriptor = value.$descriptor;
  return descriptor?.isGeneric && descriptor.ns.uri === OP && descriptor.ns.localName === name;
}

function plain(value) {
  const attributes = {};
  for (const [name, content] of Object.entries(value)) if (!name.startsWith("$")) attributes[name] = content;
  return {
    name: value.$type.split(":").pop(),
    attributes,
    children: (value.$children ?? []).map(plain),
    text: value.$body ?? "",
  };
}

/** Lets copying and changing the kind of an element keep what moddle does not know. */
export function keepWhenCopying(modeler) {
  const eventBus = modeler.get("eventBus");
  eventBus.on("moddleCopy.canCopyProperties", 500, ({ sourceElement, targetElement }) => {
    Object.assign(targetElement.$attrs, sourceElement.$attrs);
  });
  eventBus.on("moddleCopy.canCopyProperty", 2000, ({ property }) => {
    if (property?.$descriptor?.isGeneric) return cloned(property, modeler.get("moddle"));
  });
}

function cloned(value, moddle) {
  const given = Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith("$")));
  const made = moddle.createAny(value.$type, value.$descriptor.ns.uri, given);
  if (value.$body) made.$body = value.$body;
  if (value.$children) {
    made.$children = value.$children.map((child) => cloned(child, moddle));
    for (const child of made.$children) child.$parent = made;
  }
  return made;
}
