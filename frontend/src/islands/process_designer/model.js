// Reads of the drawing the panel needs: steps, outcomes, variables, what a thing may refer to.

export class Model {
  constructor(modeler, extensions, offers) {
    Object.assign(this, { modeler, extensions, offers });
    this.registry = modeler.get("elementRegistry");
  }

  get english() {
    return document.documentElement.lang.startsWith("en");
  }

  /** The name in the reader's language. */
  label(businessObject) {
    return (this.english && this.extensions.attribute(businessObject, "nameEn")) || businessObject.name || businessObject.id;
  }

  steps() {
    return this.registry.filter((element) => element.type === "bpmn:UserTask").map((element) => element.businessObject);
  }

  outcomes(businessObject) {
    const found = this.extensions.read(businessObject, "outcome").map(({ attributes }) => ({
      value: attributes.id ?? "",
      label: (this.english && attributes.nameEn) || attributes.name || attributes.id || "",
    }));
    return found.length ? found : [{ value: "done", label: this.offers.texts.done }];
  }

  /** Variables that questions of outcomes, branches and scripts set: {name, label, type}. */
  variables() {
    const found = new Map();
    for (const element of this.registry.getAll()) {
      const { businessObject } = element;
      if (!businessObject || element.type === "label") continue;
      for (const outcome of this.extensions.read(businessObject, "outcome")) {
        for (const input of outcome.children.filter((child) => child.name === "input")) {
          const { name, label, labelEn, type } = input.attributes;
          if (!name) continue;
          const choices = input.children.filter((child) => child.name === "choice").map(({ attributes }) => ({
            value: attributes.value,
            label: (this.english && attributes.nameEn) || attributes.name || attributes.value,
          }));
          found.set(name, { name, label: (this.english && labelEn) || label || name, type: type ?? "text", choices });
        }
      }
    }
    for (const element of this.registry.getAll()) {
      const { businessObject } = element;
      if (!businessObject || element.type === "label") continue;
      const loop = businessObject.loopCharacteristics;
      const member = loop && this.extensions.attribute(loop, "elementVariable");
      const list = loop && this.extensions.attribute(loop, "collection");
      if (member) {
        const members = found.get(list);
        const own = this.offers.texts.chosenEarlier.replace("%s", members?.label ?? member);
        found.set(member, { name: member, label: own, type: members?.type === "units" || !members ? "unit" : "text", choices: [] });
      }
      const result = this.extensions.attribute(businessObject, "resultVariable");
      if (result) found.set(result, { name: result, label: result, type: "text", choices: [] });
    }
    return [...found.values()];
  }

  variablesOf(...types) {
    return this.variables().filter((variable) => types.includes(variable.type));
  }

  /** Steps whose outcome is the last one known where an element begins. */
  stepsBefore(element) {
    const seen = new Set();
    const found = [];
    const pending = [element];
    while (pending.length) {
      const one = pending.shift();
      if (!one || seen.has(one)) continue;
      seen.add(one);
      if (one !== element && one.type === "bpmn:UserTask") {
        found.push(one.businessObject);
        continue;
      }
      if (one !== element && one.type === "bpmn:SubProcess") {
        found.push(...this.steps().filter((step) => step.$parent === one.businessObject));
        continue;
      }
      for (const flow of one.incoming ?? []) pending.push(flow.source);
      if (one.host) pending.push(one.host);
    }
    return found;
  }

  /** What a condition there may ask about: the button pressed, facts of the ticket, answers given. */
  subjects(element) {
    const before = this.stepsBefore(element);
    const pressed = new Map(before.flatMap((step) => this.outcomes(step)).map((outcome) => [outcome.value, outcome]));
    const rows = [{ name: "outcome", label: this.offers.texts.outcomeOf, kind: "choice", choices: [...pressed.values()] }];
    for (const fact of this.offers.facts) rows.push(fact);
    for (const variable of this.variables()) {
      if (rows.some((row) => row.name === variable.name)) continue;
      const kind = variable.type === "choice" ? "choice" : variable.type === "boolean" ? "boolean" : ["unit", "user"].includes(variable.type) ? "number" : "text";
      rows.push({ name: variable.name, label: variable.label, kind, choices: variable.choices });
    }
    return rows;
  }

  /** Labels for the sentence of a condition: of names, and of values under name=value. */
  words(element) {
    const words = {};
    for (const subject of this.subjects(element)) {
      words[subject.name] = subject.label;
      for (const choice of subject.choices ?? []) words[`${subject.name}=${choice.value}`] = choice.label;
    }
    return words;
  }

  /** An identifier nobody has yet: base, base_2, base_3 … */
  fresh(base, taken) {
    let name = base;
    for (let number = 2; taken.includes(name); number += 1) name = `${base}_${number}`;
    return name;
  }
}
