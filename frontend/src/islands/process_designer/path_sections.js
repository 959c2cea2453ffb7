// What the panel asks about paths, events and the other tasks.
import { areaField, button, checkField, fields, h, section, selectField, textField } from "./dom.js";
import { format, parse } from "./conditions.js";
import { kindLabel, nameOf, ownName } from "./canvas.js";
import { durationField } from "./step_sections.js";

export function expression(p, body) {
  return p.factory.create("bpmn:FormalExpression", { body });
}

/** A condition as rows with its text and its sentence. */
function conditionEditor(p, text, onChange, { about, path }) {
  const { t } = p;
  const subjects = p.model.subjects(about);
  const kindOf = (name) => subjects.find((subject) => subject.name === name)?.kind ?? "text";
  const simple = p.memory.get(`${path}-rows`) ?? parse(text);
  const put = (changed) => {
    p.memory.set(`${path}-rows`, changed);
    const made = format({ ...changed, rows: changed.rows.filter((row) => row.value !== "") }, kindOf);
    if (made !== text) onChange(made);
    else p.draw();
  };
  const parts = [];
  if (simple) {
    const { join, rows } = simple;
    rows.forEach((row, index) => parts.push(conditionRow(p, row, index, { subjects, path, put: (changed) => put({ join, rows: rows.map((one, place) => (place === index ? changed : one)) }), remove: () => put({ join, rows: rows.filter((_one, place) => place !== index) }) })));
    parts.push(
      h(
        "div",
        { class: "cluster" },
        button(`+ ${t.addCondition}`, () => put({ join, rows: [...rows, { name: "outcome", operator: "=", value: "" }] }), { path: `${path}-add` }),
        rows.length > 1 &&
          selectField("", [{ value: "and", label: t.all }, { value: "or", label: t.any }], join, (value) => put({ join: value, rows }), { path: `${path}-join`, aria: t.pathWhen }),
      ),
    );
  } else {
    parts.push(h("p", { class: "muted" }, t.tooIntricate));
  }
  const sentence = h("p", { class: "designer__sentence", "aria-live": "polite" });
  const raw = areaField(t.asText, text, (value) => {
    p.memory.delete(`${path}-rows`);
    onChange(value);
  }, { css: "mono", path: `${path}-text` });
  parts.push(h("details", { class: "designer__raw", open: !simple }, h("summary", {}, t.asText), raw), sentence);
  if (text) explain(p, text, about, sentence);
  return h("div", { class: "designer__condition" }, ...parts);
}

function conditionRow(p, row, index, { subjects, path, put, remove }) {
  const { t, offers } = p;
  const subject = subjects.find((one) => one.name === row.name);
  const operators = [...offers.operators.filter((one) => subject?.kind === "number" || ["=", "!="].includes(one.value)), { value: "null", label: t.isEmpty }, { value: "!null", label: t.isFilled }];
  const operator = row.value === "null" ? (row.operator === "=" ? "null" : "!null") : row.operator;
  const choices = subject?.kind === "boolean" ? [{ value: "true", label: "✓" }, { value: "false", label: "✗" }] : (subject?.choices ?? []);
  const value = row.value === "null"
    ? null
    : choices.length
      ? selectField("", choices, row.value, (chosen) => put({ ...row, value: chosen, isText: subject.kind === "choice" }), { empty: t.choose, path: `${path}-${index}-value`, aria: t.value })
      : textField("", row.value, (typed) => put({ ...row, value: typed, isText: subject?.kind === "text" }), { path: `${path}-${index}-value`, aria: t.value });
  return h(
    "div",
    { class: "designer__row" },
    selectField("", subjects.map((one) => ({ value: one.name, label: one.label })), row.name, (name) => put({ name, operator: "=", value: "" }), { path: `${path}-${index}-name`, aria: t.variable }),
    selectField("", operators, operator, (chosen) => {
      if (chosen === "null") put({ ...row, operator: "=", value: "null", isText: false });
      else if (chosen === "!null") put({ ...row, operator: "!=", value: "null", isText: false });
      else put({ ...row, operator: chosen, value: row.value === "null" ? "" : row.value });
    }, { path: `${path}-${index}-operator`, aria: t.condition }),
    value ?? h("span"),
    button("×", remove, { title: t.remove, css: "btn btn-sm btn-icon btn-ghost" }),
  );
}

async function explain(p, text, about, target) {
  const { t } = p;
  let answer;
  try {
    answer = await p.ask(p.offers.urls.expression, { text, words: p.model.words(about) });
  } catch {
    return;
  }
  target.classList.toggle("bad", Boolean(answer.error));
  if (answer.error) {
    target.textContent = answer.error;
    return;
  }
  const known = new Set([...p.model.subjects(about).map((one) => one.name), "nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances", "nrOfYes", "nrOfNo", "loopCounter"]);
  const unknown = (answer.names ?? []).filter((name) => !known.has(name));
  target.replaceChildren(answer.wording ? `${t.says} ${answer.wording}` : "");
  if (unknown.length) target.append(h("span", { class: "warn" }, ` ${t.unknownNames.replace("%s", unknown.join(", "))}`));
}

export function flowSection(p) {
  const { t, bo, modeling } = p;
  const source = bo.sourceRef;
  const splits = source && (["bpmn:ExclusiveGateway", "bpmn:InclusiveGateway"].includes(source.$type) || (source.outgoing ?? []).length > 1);
  if (!splits || ["bpmn:ParallelGateway", "bpmn:EventBasedGateway"].includes(source.$type)) {
    return section("path", t.path, true, h("p", { class: "muted" }, `${t.pathWhen}: ${t.always}`));
  }
  const isDefault = source.default === bo;
  const body = bo.conditionExpression?.body ?? "";
  const setCondition = (text) => modeling.updateProperties(p.element, { conditionExpression: text ? expression(p, text) : undefined });
  const setDefault = (checked) => {
    modeling.updateProperties(p.element.source, { default: checked ? bo : undefined });
  };
  return section(
    "path",
    t.pathWhen,
    true,
    checkField(t.isDefault, isDefault, setDefault, { path: "path-default" }),
    !isDefault && conditionEditor(p, body, setCondition, { about: p.element.source, path: `condition-${bo.id}` }),
  );
}

// events -----------------------------------------------------------------------------------------------------------

const NAMED = {
  "bpmn:MessageEventDefinition": ["messageRef", "bpmn:Message", "message", null],
  "bpmn:SignalEventDefinition": ["signalRef", "bpmn:Signal", "signal", null],
  "bpmn:ErrorEventDefinition": ["errorRef", "bpmn:Error", "error", "errorCode"],
  "bpmn:EscalationEventDefinition": ["escalationRef", "bpmn:Escalation", "escalationCode", "escalationCode"],
};

function namedField(p, owner, property, type, label, code) {
  const { t } = p;
  const definitions = p.modeler.getDefinitions();
  const named = (definitions.rootElements ?? []).filter((one) => one.$type === type);
  const current = owner.get(property);
  const catches = code && ["bpmn:BoundaryEvent", "bpmn:StartEvent"].includes(p.bo.$type);
  const link = (one) => p.modeling.updateModdleProperties(p.element, owner, { [property]: one });
  const add = (name) => {
    if (!name) return;
    const same = named.find((one) => one.name === name);
    if (same) return void link(same);
    const made = p.factory.create(type, { name, ...(code ? { [code]: name } : {}) });
    made.$parent = definitions;
    p.modeling.updateModdleProperties(p.element, definitions, { rootElements: [...definitions.rootElements, made] });
    link(made);
  };
  return fields(
    selectField(label, named.map((one) => ({ value: one.id, label: one.name || one.id })), current?.id ?? "", (id) => link(named.find((one) => one.id === id)), { empty: catches ? t.catchAll : t.choose, path: "event-name" }),
    textField(t.newName, "", add, { path: "event-new" }),
  );
}

function timerFields(p, definition) {
  const { t } = p;
  const kinds = [["timeDuration", t.duration], ["timeDate", t.date], ["timeCycle", t.cycle]];
  const kind = kinds.find(([name]) => definition.get(name))?.[0] ?? p.memory.get("timer-kind") ?? "timeDuration";
  const value = definition.get(kind)?.body ?? "";
  const put = (name, text) => {
    const properties = Object.fromEntries(kinds.map(([one]) => [one, undefined]));
    if (text) {
      properties[name] = expression(p, text);
      properties[name].$parent = definition;
    }
    p.modeling.updateModdleProperties(p.element, definition, properties);
  };
  return [
    fields(
      selectField(t.timerKind, kinds.map(([name, label]) => ({ value: name, label })), kind, (chosen) => {
        p.memory.set("timer-kind", chosen);
        if (value) put(chosen, value);
        else p.draw();
      }, { path: "timer-kind" }),
      kind === "timeDuration"
        ? durationField(p, t.timerValue, value, (text) => put(kind, text), { path: "timer-value" })
        : textField(t.timerValue, value, (text) => put(kind, text), { path: "timer-value" }),
    ),
    selectField(t.clock, p.offers.clocks, p.ext.attribute(definition, "calendar") || "clock", (chosen) => p.ext.setAttribute(p.element, "calendar", chosen === "working" ? "working" : "", definition), { path: "timer-clock" }),
    h("p", { class: "muted" }, t.timerNote),
  ];
}

export function eventSection(p) {
  const { t, bo } = p;
  const definition = bo.eventDefinitions?.[0];
  const parts = [];
  if (bo.$type === "bpmn:EndEvent" && (!definition || definition.$type === "bpmn:TerminateEventDefinition")) {
    parts.push(selectField(t.endOutcome, p.offers.endOutcomes, p.ext.attribute(bo, "outcome"), (value) => p.ext.setAttribute(p.element, "outcome", value), { empty: "—", path: "end-outcome" }));
  }
  if (definition && NAMED[definition.$type]) {
    const [property, type, label, code] = NAMED[definition.$type];
    parts.push(namedField(p, definition, property, type, t[label], code));
    if (property === "messageRef") parts.push(correlationField(p));
  }
  if (definition?.$type === "bpmn:TimerEventDefinition") parts.push(...timerFields(p, definition));
  if (definition?.$type === "bpmn:ConditionalEventDefinition") {
    parts.push(conditionEditor(p, definition.condition?.body ?? "", (text) => {
      const made = text ? expression(p, text) : undefined;
      if (made) made.$parent = definition;
      p.modeling.updateModdleProperties(p.element, definition, { condition: made });
    }, { about: p.element, path: `condition-${bo.id}` }));
  }
  if (definition?.$type === "bpmn:LinkEventDefinition") {
    parts.push(textField(t.linkName, definition.name, (name) => p.modeling.updateModdleProperties(p.element, definition, { name }), { path: "link-name" }));
  }
  if (bo.$type === "bpmn:BoundaryEvent" && definition && definition.$type !== "bpmn:ErrorEventDefinition") {
    parts.push(checkField(t.interrupting, bo.cancelActivity !== false, (checked) => p.modeling.updateProperties(p.element, { cancelActivity: checked }), { path: "interrupting" }));
  }
  return parts.length ? section("event", t.event, true, ...parts) : null;
}

function correlationField(p) {
  const { t, ext } = p;
  return textField(t.correlation, ext.attribute(p.bo, "correlationKey"), (value) => ext.setAttribute(p.element, "correlationKey", value), { help: t.correlationNote, path: "correlation" });
}

// tasks ------------------------------------------------------------------------------------------------------------

export function taskSection(p) {
  const { t, bo, ext, offers } = p;
  const parts = [];
  if (bo.$type === "bpmn:ServiceTask") {
    parts.push(selectField(t.handler, offers.handlers.map((name) => ({ value: name, label: name })), ext.attribute(bo, "handler"), (value) => ext.setAttribute(p.element, "handler", value), { empty: t.choose, path: "handler" }));
  } else if (bo.$type === "bpmn:ScriptTask") {
    parts.push(areaField(t.script, bo.script ?? "", (script) => p.modeling.updateProperties(p.element, { script: script || undefined }), { css: "mono", path: "script" }));
    parts.push(resultField(p));
  } else if (bo.$type === "bpmn:BusinessRuleTask") {
    parts.push(selectField(t.decision, offers.decisions, ext.attribute(bo, "handler"), (value) => ext.setAttribute(p.element, "handler", value), { empty: t.choose, path: "decision" }));
  } else if (bo.$type === "bpmn:CallActivity") {
    parts.push(selectField(t.called, offers.processes, bo.calledElement ?? "", (value) => p.modeling.updateProperties(p.element, { calledElement: value || undefined }), { empty: t.choose, path: "called" }));
    parts.push(handOverField(p));
  } else if (bo.$type === "bpmn:SendTask" || bo.$type === "bpmn:ReceiveTask") {
    parts.push(namedField(p, bo, "messageRef", "bpmn:Message", t.message, null), correlationField(p));
  }
  return parts.length ? section("task", kindLabel(p.element, offers.canvas), true, ...parts) : null;
}

function resultField(p) {
  const { t, ext } = p;
  return textField(t.result, ext.attribute(p.bo, "resultVariable"), (value) => ext.setAttribute(p.element, "resultVariable", value), { path: "result" });
}

function handOverField(p) {
  const { t, ext } = p;
  const isAll = (name) => ext.read(p.bo, name).some((one) => one.attributes.variables === "all");
  return checkField(t.handOver, isAll("in") && isAll("out"), (checked) => {
    for (const name of ["in", "out"]) {
      const others = ext.read(p.bo, name).filter((one) => one.attributes.variables !== "all");
      ext.write(p.element, name, checked ? [...others, { attributes: { variables: "all" } }] : others);
    }
  }, { path: "hand-over" });
}

// what follows -----------------------------------------------------------------------------------------------------

const FOLLOWING = [
  ["bpmn:UserTask"], ["bpmn:ExclusiveGateway"], ["bpmn:ParallelGateway"], ["bpmn:InclusiveGateway"], ["bpmn:EndEvent"],
  ["bpmn:SubProcess"], ["bpmn:CallActivity"], ["bpmn:ServiceTask"], ["bpmn:ScriptTask"], ["bpmn:BusinessRuleTask"],
  ["bpmn:SendTask"], ["bpmn:ReceiveTask"], ["bpmn:EventBasedGateway"],
  ["bpmn:IntermediateCatchEvent", "bpmn:TimerEventDefinition", "Timer intermediate catch event"],
  ["bpmn:IntermediateCatchEvent", "bpmn:MessageEventDefinition", "Message intermediate catch event"],
];
const ATTACHED = [
  ["bpmn:TimerEventDefinition", "Timer boundary event"], ["bpmn:MessageEventDefinition", "Message boundary event"],
  ["bpmn:SignalEventDefinition", "Signal boundary event"], ["bpmn:ErrorEventDefinition", "Error boundary event"],
];

/** Drawing on without the mouse: what follows, what to lead to, what hangs on it. */
export function followingSection(p) {
  const { t, element, offers } = p;
  if (!element.businessObject.$instanceOf("bpmn:FlowNode")) return null;
  const words = offers.canvas;
  const parts = [];
  for (const flow of element.outgoing ?? []) {
    parts.push(
      h(
        "div",
        { class: "designer__next" },
        button(`→ ${ownName(flow) ? `${ownName(flow)}: ` : ""}${nameOf(flow.target, words)}`, () => p.select(flow), { css: "btn btn-sm btn-ghost" }),
      ),
    );
  }
  if (element.type !== "bpmn:EndEvent") parts.push(addNextField(p, words), connectField(p, words));
  const isActivity = element.businessObject.$instanceOf("bpmn:Activity");
  if (isActivity) {
    const options = ATTACHED.map(([type, label]) => ({ value: type, label: words[label] ?? label }));
    parts.push(selectField(t.attach, options, "", (type) => type && p.attach(type), { empty: t.choose, path: "attach" }));
  }
  if (element.type === "bpmn:SubProcess") {
    const options = [["bpmn:StartEvent"], ["bpmn:UserTask"]].map(([type]) => ({ value: type, label: kindLabel({ type }, words) }));
    parts.push(selectField(t.inside, options, "", (type) => type && p.putInside(type), { empty: t.choose, path: "inside" }));
  }
  parts.push(button(t.delete, () => p.modeling.removeElements([element]), { css: "btn btn-sm btn-danger", path: "delete" }));
  return section("next", t.next, true, h("div", { class: "designer__fields" }, ...parts));
}

function addNextField(p, words) {
  const options = FOLLOWING.map(([type, definition, label], place) => ({ value: String(place), label: label ? (words[label] ?? label) : kindLabel({ type }, words), definition }));
  return selectField(p.t.addNext, options, "", (place) => {
    if (place === "") return;
    const [type, definition] = FOLLOWING[Number(place)];
    p.append(type, definition);
  }, { empty: p.t.choose, path: "add-next" });
}

function connectField(p, words) {
  const others = p.model.registry.filter((other) =>
    other !== p.element && other.type !== "label" && other.businessObject?.$instanceOf?.("bpmn:FlowNode") &&
    other.parent === p.element.parent && !["bpmn:StartEvent", "bpmn:BoundaryEvent"].includes(other.type));
  return selectField(p.t.connectTo, others.map((other) => ({ value: other.id, label: nameOf(other, words) })), "", (id) => {
    if (id) p.lead(p.model.registry.get(id));
  }, { empty: p.t.choose, path: "connect" });
}
