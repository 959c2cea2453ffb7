// Files of other tools name what they do not hold: an error by its code, a process the picture does not know.
// Without help such references would be lost on export.

const NAMED = {
  "bpmn:messageRef": ["bpmn:Message", "name"],
  "bpmn:signalRef": ["bpmn:Signal", "name"],
  "bpmn:errorRef": ["bpmn:Error", "errorCode"],
  "bpmn:escalationRef": ["bpmn:Escalation", "escalationCode"],
};
const OP = "urn:onepoint:bpmn";
const TAG = /<[A-Za-z](?:[^"'>]|"[^"]*"|'[^']*')*>/g;
const ATTRIBUTE = /([\w:.-]+)\s*=\s*("[^"]*"|'[^']*')/g;
const IDENTIFIERS = new Set(["id", "sourceRef", "targetRef", "attachedToRef", "default", "bpmnElement"]);

/** Legal XML that the reader stumbles over: blanks around "=" and inside identifiers. */
export function tidy(xml) {
  return xml.replace(TAG, (tag) =>
    tag.replace(ATTRIBUTE, (_whole, name, value) => `${name}=${IDENTIFIERS.has(name) ? value[0] + value.slice(1, -1).trim() + value[0] : value}`),
  );
}

/** Gives dangling references something to refer to, or keeps them as they are written. Returns the warnings that remain. */
export function repair(definitions, warnings, moddle) {
  return warnings.filter((warning) => {
    const { element, property, value } = warning;
    if (!element || !value) return true;
    const name = property.split(":").pop();
    if (NAMED[property]) {
      const [type, code] = NAMED[property];
      element.set(name, namedElement(definitions, moddle, type, code, value));
    } else if (property === "bpmndi:bpmnElement" && element.$type === "bpmndi:BPMNPlane") {
      element.set("bpmnElement", definitions.rootElements.find((one) => one.$type === "bpmn:Process"));
    } else if (property === "bpmn:loopDataInputRef") {
      const declared = Object.keys(definitions.$attrs).find((key) => key.startsWith("xmlns:") && definitions.$attrs[key] === OP);
      if (!declared) definitions.$attrs["xmlns:op"] = OP;
      element.$attrs[`${declared ? declared.slice(6) : "op"}:collection`] ??= value;
    } else {
      element.$attrs[name] = value;
    }
    return false;
  });
}

function namedElement(definitions, moddle, type, code, id) {
  const known = definitions.rootElements.find((one) => one.$type === type && one.id === id);
  if (known) return known;
  const made = moddle.create(type, { id, name: id, [code]: id });
  made.$parent = definitions;
  definitions.rootElements.push(made);
  moddle.ids?.claim?.(id, made);
  return made;
}

/** Whether the file says where its elements are drawn. */
export function hasLayout(definitions) {
  return (definitions.diagrams ?? []).some((diagram) => diagram.plane?.planeElement?.length);
}

/** Every sequence flow of a process or sub-process, at any depth. */
function* flowsIn(scope) {
  for (const element of scope.flowElements ?? []) {
    if (element.$type === "bpmn:SequenceFlow") yield element;
    else if (element.flowElements) yield* flowsIn(element);
  }
}

/** What may be left out of a file but layout and canvas need: names of paths, and which paths each element has. */
export function complete(definitions) {
  const flows = definitions.rootElements.flatMap((one) => [...flowsIn(one)]);
  const taken = new Set(flows.map((flow) => flow.id));
  for (const flow of flows) {
    const { sourceRef, targetRef } = flow;
    if (!sourceRef || !targetRef) continue;
    if (!flow.id) {
      // The same name the engine gives it.
      let id = `${sourceRef.id}__${targetRef.id}`;
      while (taken.has(id)) id += "_";
      taken.add(id);
      flow.id = id;
    }
    if (!sourceRef.get("outgoing").includes(flow)) sourceRef.get("outgoing").push(flow);
    if (!targetRef.get("incoming").includes(flow)) targetRef.get("incoming").push(flow);
  }
}
