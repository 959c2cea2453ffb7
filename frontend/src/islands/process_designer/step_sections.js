// What the panel asks about a person's step: who, buttons, actions, time, several times.
import { areaField, boxesField, checkField, fields, h, listField, pickerField, section, selectField, tellChanges, textField } from "./dom.js";

const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/;

/** An amount and a unit that make an ISO 8601 duration; anything else is edited as it stands. */
export function durationField(p, label, value, onChange, { path, empty } = {}) {
  const { t } = p;
  const found = DURATION.exec(value ?? "");
  const parts = found ? { D: found[1], H: found[2], M: found[3] } : {};
  const given = Object.entries(parts).filter(([, amount]) => amount);
  if (value && given.length !== 1) return textField(label, value, onChange, { path });
  const [unit, amount] = given[0] ?? ["H", ""];
  const number = h("input", { type: "number", min: 1, max: 9999, class: "form-control designer__amount", "data-path": path, "aria-label": label, placeholder: empty ?? "" });
  number.defaultValue = amount;
  const select = h("select", { class: "form-select", "aria-label": label, "data-path": `${path}-unit` });
  for (const [code, name] of [["M", t.minutes], ["H", t.hours], ["D", t.days]]) select.add(new Option(name, code));
  select.value = unit;
  const told = () => onChange(number.value ? (select.value === "D" ? `P${number.value}D` : `PT${number.value}${select.value}`) : "");
  tellChanges(number, told);
  select.addEventListener("change", () => number.value && told());
  return h("div", { class: "field" }, h("span", { class: "field__label" }, label), h("div", { class: "designer__pair" }, number, select));
}

/** A unit or person as a formula: a variable, a fixed one, or written out. */
function formulaField(p, label, kind, value, onChange, path) {
  const { t, offers, model } = p;
  const variables = model.variablesOf(kind === "unit" ? "unit" : "user");
  const options = variables.map((variable) => ({ value: `=${variable.name}`, label: t.chosenEarlier.replace("%s", variable.label) }));
  if (kind === "unit") options.push({ value: "=unit", label: t.ticketUnit });
  options.push({ value: "fixed", label: kind === "unit" ? t.fixedUnit : t.fixedPerson }, { value: "formula", label: t.formula });
  const isFixed = /^\d+$/.test(value);
  const known = options.some((option) => option.value === `=${value}`);
  const opened = p.memory.get(path);
  const mode = isFixed ? "fixed" : known ? `=${value}` : value ? "formula" : (opened ?? "");
  const parts = [
    selectField(label, options, mode, (chosen) => {
      p.memory.set(path, chosen);
      if (chosen.startsWith("=")) onChange(chosen.slice(1));
      else if (value) onChange("");
      else p.draw();
    }, { empty: t.choose, path }),
  ];
  const shown = mode || opened;
  if (shown === "fixed") {
    const names = kind === "unit" ? offers.unitNames : offers.personNames;
    const url = kind === "unit" ? offers.urls.units : offers.urls.people;
    parts.push(pickerField(kind === "unit" ? t.unit : t.person, url, isFixed ? value : "", names[value], (chosen, name) => {
      if (chosen) names[chosen] = name;
      onChange(chosen);
    }, { path: `${path}-fixed` }));
  } else if (shown === "formula") {
    parts.push(areaField(t.formula, known ? "" : value, onChange, { path: `${path}-formula`, css: "mono" }));
  }
  return parts;
}

function ruleFields(p, rule, change, path) {
  const { t, offers, model } = p;
  const set = (name, value) => change({ ...rule, [name]: value });
  const parts = [selectField(t.rule, offers.rules, rule.rule, (chosen) => change(chosen === "role" ? { rule: chosen, within: "region" } : { rule: chosen }), { empty: t.choose, path: `${path}-rule`, wide: true })];
  if (rule.rule === "role") {
    parts.push(selectField(t.role, offers.roles, rule.role, (value) => set("role", value), { empty: t.choose, path: `${path}-role` }));
    parts.push(selectField(t.within, offers.reaches, rule.within ?? "anywhere", (value) => set("within", value), { path: `${path}-within` }));
  } else if (rule.rule === "interface" || rule.rule === "unit") {
    parts.push(...formulaField(p, t.unit, "unit", rule.unit ?? "", (value) => set("unit", value), `${path}-unit`));
  } else if (rule.rule === "user") {
    parts.push(...formulaField(p, t.person, "user", rule.user ?? "", (value) => set("user", value), `${path}-user`));
  } else if (rule.rule === "group") {
    parts.push(selectField(t.group, offers.groups, rule.group, (value) => set("group", value), { empty: t.choose, path: `${path}-group`, wide: true }));
  } else if (rule.rule === "duty") {
    parts.push(selectField(t.group, offers.groups, rule.group, (value) => change({ rule: "duty", group: value }), { empty: "—", path: `${path}-group`, wide: true }));
    if (!rule.group) parts.push(...formulaField(p, t.unit, "unit", rule.unit ?? "", (value) => set("unit", value), `${path}-unit`));
  } else if (rule.rule === "handler_of") {
    const steps = model.steps().filter((step) => step !== p.bo).map((step) => ({ value: step.id, label: model.label(step) }));
    parts.push(selectField(t.step, steps, rule.node, (value) => set("node", value), { empty: t.choose, path: `${path}-node`, wide: true }));
  }
  return fields(...parts);
}

function flatten(element) {
  return [element.attributes, ...element.children.filter((child) => child.name === "fallback").flatMap(flatten)];
}

export function whoSection(p) {
  const { t, ext } = p;
  const rules = ext.read(p.bo, "assignment").flatMap(flatten);
  const write = (changed) => {
    const [first, ...others] = changed;
    const children = others.map((attributes) => ({ name: "fallback", attributes }));
    ext.write(p.element, "assignment", first ? [{ attributes: first, children }] : []);
  };
  return section(
    "who",
    t.who,
    true,
    listField({
      items: rules,
      texts: t,
      path: "who",
      add: rules.length ? t.addFallback : t.addRule,
      fresh: () => ({ rule: "role", within: "region" }),
      onChange: write,
      draw: (rule, index, change) =>
        h("div", {}, h("div", { class: "designer__item-title" }, index ? t.fallback : t.firstRule), ruleFields(p, rule, change, `who-${index}`)),
    }),
  );
}

function choiceLines(children) {
  return children
    .filter((child) => child.name === "choice")
    .map(({ attributes }) => [attributes.value, attributes.name, attributes.nameEn].filter(Boolean).join(" | "))
    .join("\n");
}

function linesToChoices(text) {
  return text
    .split("\n")
    .map((line) => line.split("|").map((part) => part.trim()))
    .filter(([value]) => value)
    .map(([value, name, nameEn]) => ({ name: "choice", attributes: { value, name: name || value, nameEn } }));
}

function inputFields(p, input, change, path) {
  const { t, offers } = p;
  const { attributes: a } = input;
  const set = (values) => change({ ...input, attributes: { ...a, ...values } });
  const type = a.type ?? "text";
  return fields(
    textField(t.inputLabel, a.label, (value) => set({ label: value }), { path: `${path}-label` }),
    textField(t.nameEn, a.labelEn, (value) => set({ labelEn: value }), { path: `${path}-labelEn` }),
    selectField(t.inputType, offers.inputTypes, type, (value) => set({ type: value }), { path: `${path}-type` }),
    textField(t.variable, a.name, (value) => set({ name: value.replace(/[^\p{L}\p{N}_]/gu, "_") }), { path: `${path}-name` }),
    checkField(t.required, a.required === "true", (checked) => set({ required: checked ? "true" : "" }), { path: `${path}-required` }),
    type === "units" && textField(t.least, a.min, (value) => set({ min: value }), { type: "number", min: 0, path: `${path}-min` }),
    type === "units" && textField(t.most, a.max, (value) => set({ max: value }), { type: "number", min: 0, path: `${path}-max` }),
    ...(type === "user" ? formulaField(p, t.memberOf, "unit", a.of ?? "", (value) => set({ of: value }), `${path}-of`) : []),
    type === "choice" &&
      areaField(t.choices, choiceLines(input.children), (value) => change({ ...input, children: linesToChoices(value) }), { help: t.choicesNote, rows: 3, path: `${path}-choices` }),
  );
}

export function outcomesSection(p) {
  const { t, ext, offers } = p;
  const outcomes = ext.read(p.bo, "outcome");
  const write = (changed) => ext.write(p.element, "outcome", changed);
  const drawOutcome = (outcome, index, change) => {
    const { attributes: a } = outcome;
    const set = (values) => change({ ...outcome, attributes: { ...a, ...values } });
    const inputs = outcome.children.filter((child) => child.name === "input");
    const others = outcome.children.filter((child) => child.name !== "input");
    const path = `outcome-${index}`;
    return h(
      "div",
      {},
      fields(
        textField(t.outcomeName, a.name, (value) => set({ name: value }), { path: `${path}-name` }),
        textField(t.nameEn, a.nameEn, (value) => set({ nameEn: value }), { path: `${path}-nameEn` }),
        selectField(t.opinion, offers.opinions, a.opinion ?? "optional", (value) => set({ opinion: value }), { path: `${path}-opinion` }),
        selectField(t.style, offers.styles, a.style ?? "", (value) => set({ style: value }), { path: `${path}-style` }),
        textField(t.identifier, a.id, (value) => value && set({ id: value.replace(/[^\w-]/g, "_") }), { path: `${path}-id`, wide: true }),
      ),
      h("div", { class: "designer__sub" }, h("div", { class: "designer__item-title" }, t.asksFor),
        listField({
          items: inputs,
          texts: t,
          path: `${path}-input`,
          add: t.addInput,
          fresh: () => ({ name: "input", attributes: { name: p.model.fresh("answer", p.model.variables().map((one) => one.name)), type: "text" }, children: [] }),
          onChange: (changed) => change({ ...outcome, children: [...changed, ...others] }),
          draw: (input, place, changeInput) => inputFields(p, input, changeInput, `${path}-input-${place}`),
        }),
      ),
    );
  };
  return section(
    "outcomes",
    t.outcomes,
    true,
    !outcomes.length && h("p", { class: "muted" }, t.outcomesNote),
    listField({
      items: outcomes,
      texts: t,
      path: "outcome",
      add: t.addOutcome,
      fresh: () => ({
        name: "outcome",
        attributes: { id: p.model.fresh(`outcome_${outcomes.length + 1}`, outcomes.map((one) => one.attributes.id)), name: "", opinion: "optional", style: outcomes.length ? "" : "primary" },
        children: [],
      }),
      onChange: write,
      draw: drawOutcome,
    }),
  );
}

export function duringSection(p) {
  const { t, ext, offers } = p;
  const actions = ext.read(p.bo, "actions");
  const chosen = actions.length ? actions.flatMap((one) => one.text.split(/\s+/)) : offers.actions.map((one) => one.value);
  const unknown = chosen.filter((one) => one && !offers.actions.some((action) => action.value === one));
  const edits = ext.read(p.bo, "edits").flatMap((one) => one.text.split(/\s+/)).filter(Boolean);
  const skip = ext.read(p.bo, "skip")[0]?.attributes ?? {};
  const setSkip = (values) => {
    const changed = { ...skip, ...values };
    ext.write(p.element, "skip", changed.when ? [{ attributes: changed }] : []);
  };
  const endings = ext.read(p.bo, "outcome").map((one) => ({ value: one.attributes.id, label: one.attributes.name || one.attributes.id }));
  const claim = ext.read(p.bo, "claim")[0];
  const stops = ext.read(p.bo, "signers").some((one) => one.attributes.onRefusal === "stop");
  return section(
    "during",
    t.whileHere,
    false,
    selectField(t.status, offers.statuses, ext.attribute(p.bo, "status"), (value) => ext.setAttribute(p.element, "status", value), { empty: "—", path: "status" }),
    boxesField(t.actions, offers.actions, chosen, (now) => ext.write(p.element, "actions", [{ text: [...now, ...unknown].join(" ") || "none" }]), { path: "action" }),
    checkField(t.edits, edits.includes("ticket"), (checked) => {
      const words = checked ? [...edits, "ticket"] : edits.filter((word) => word !== "ticket");
      ext.write(p.element, "edits", words.length ? [{ text: words.join(" ") }] : []);
    }, { path: "edits" }),
    chosen.includes("add_signers") && checkField(t.signersStop, stops, (checked) => ext.write(p.element, "signers", checked ? [{ attributes: { onRefusal: "stop" } }] : []), { path: "signers" }),
    checkField(t.claimOpened, claim?.attributes.when === "opened", (checked) => ext.write(p.element, "claim", checked ? [{ attributes: { when: "opened" } }] : []), { path: "claim" }),
    areaField(t.skipWhen, skip.when ?? "", (value) => setSkip({ when: value.trim() }), { path: "skip-when", css: "mono" }),
    skip.when && endings.length > 0 && selectField(t.skipOutcome, endings, skip.outcome, (value) => setSkip({ outcome: value || undefined }), { empty: "—", path: "skip-outcome" }),
  );
}

/** Rules for single items of the ticket while somebody holds the step. */
export function itemsSection(p) {
  const { t, ext, offers } = p;
  const holder = ext.read(p.bo, "items")[0];
  const rules = (holder?.children ?? []).filter((child) => child.name === "item");
  const write = (changed) => ext.write(p.element, "items", changed.length ? [{ attributes: holder?.attributes ?? {}, children: changed }] : []);
  return section(
    "items",
    t.items,
    rules.length > 0,
    h("p", { class: "muted" }, t.itemsNote),
    listField({
      items: rules,
      texts: t,
      path: "item",
      add: t.addItem,
      fresh: () => ({ name: "item", attributes: { name: offers.items[0]?.value ?? "title", rule: "required" }, children: [] }),
      onChange: write,
      draw: (item, index, change) => {
        const set = (values) => change({ ...item, attributes: { ...item.attributes, ...values } });
        const isSingle = (item.attributes.name ?? "").startsWith("items.");
        const options = [...offers.items, { value: "items.", label: t.singleItem }];
        return fields(
          selectField(t.item, options, isSingle ? "items." : item.attributes.name, (name) => set({ name }), { path: `item-${index}-name` }),
          selectField(t.rule, offers.itemRules, item.attributes.rule, (rule) => set({ rule }), { path: `item-${index}-rule` }),
          isSingle && textField(t.itemKey, item.attributes.name.slice(6), (key) => set({ name: `items.${key}` }), { path: `item-${index}-key`, wide: true }),
        );
      },
    }),
  );
}

function recipientRows(p, name, add, draw, fresh) {
  const { t, ext } = p;
  return listField({
    items: ext.read(p.bo, name),
    texts: t,
    path: name,
    add,
    fresh: () => ({ name, attributes: fresh, children: [] }),
    onChange: (changed) => ext.write(p.element, name, changed),
    draw: (item, index, change) => fields(...draw(item.attributes, (values) => change({ ...item, attributes: { ...item.attributes, ...values } }), `${name}-${index}`)),
  });
}

function toWhom(p, a, set, path) {
  const { t, offers } = p;
  return [
    selectField(t.toWhom, offers.recipients, a.to, (value) => set({ to: value }), { path: `${path}-to`, wide: true }),
    a.to === "role" && selectField(t.whichRole, offers.roles, a.role, (value) => set({ role: value }), { empty: t.choose, path: `${path}-role`, wide: true }),
    a.to === "group" && selectField(t.whichGroup, offers.groups, a.group, (value) => set({ group: value }), { empty: t.choose, path: `${path}-group`, wide: true }),
    boxesField(t.by, offers.ways, (a.by ?? "app").split(/\s+/), (now) => set({ by: now.join(" ") }), { path: `${path}-by` }),
  ];
}

function inWhichHours(p, a, set, path) {
  const { t, offers } = p;
  return [
    selectField(t.clock, offers.clocks, a.clock ?? "working", (value) => set({ clock: value === "working" ? undefined : value }), { path: `${path}-clock` }),
    checkField(t.alwaysUrge, a.always === "true", (checked) => set({ always: checked ? "true" : undefined }), { path: `${path}-always` }),
  ];
}

export function timeSection(p) {
  const { t, ext, offers } = p;
  const limit = ext.read(p.bo, "limit")[0]?.attributes ?? {};
  const setLimit = (values) => {
    const changed = { ...limit, ...values };
    ext.write(p.element, "limit", changed.duration ? [{ attributes: { clock: "working", ...changed } }] : []);
  };
  return section(
    "time",
    t.time,
    Boolean(limit.duration),
    h("p", { class: "muted" }, t.timeNote),
    fields(
      durationField(p, t.limit, limit.duration, (value) => setLimit({ duration: value }), { path: "limit", empty: t.noLimit }),
      limit.duration && selectField(t.clock, offers.clocks, limit.clock ?? "working", (value) => setLimit({ clock: value }), { path: "limit-clock" }),
    ),
    recipientRows(p, "reminder", t.addReminder, (a, set, path) => [
      durationField(p, t.firstAfter, a.after, (value) => set({ after: value }), { path: `${path}-after` }),
      durationField(p, t.every, a.every, (value) => set({ every: value }), { path: `${path}-every` }),
      textField(t.times, a.times, (value) => set({ times: value }), { type: "number", min: 1, path: `${path}-times` }),
      ...inWhichHours(p, a, set, path),
      ...toWhom(p, a, set, path),
    ], { after: "PT4H", to: "handler", by: "app" }),
    recipientRows(p, "escalation", t.addEscalation, (a, set, path) => [
      durationField(p, t.after, a.after, (value) => set({ after: value }), { path: `${path}-after` }),
      ...inWhichHours(p, a, set, path),
      ...toWhom(p, a, set, path),
      boxesField(t.deeds, offers.deeds, (a.do ?? "").split(/\s+/), (now) => set({ do: now.filter(Boolean).join(" ") || undefined }), { path: `${path}-do` }),
    ], { after: "P1D", to: "superior", by: "app" }),
    recipientRows(p, "notify", t.addNotification, (a, set, path) => toWhom(p, a, set, path), { to: "handler", by: "app" }),
  );
}

export function severalSection(p) {
  const { t, ext, model, offers } = p;
  const loop = p.bo.loopCharacteristics;
  const modeling = p.modeling;
  const setLoop = (properties) => modeling.updateModdleProperties(p.element, loop, properties);
  const toggle = (checked) => {
    const made = checked ? p.factory.create("bpmn:MultiInstanceLoopCharacteristics") : undefined;
    if (made) {
      const lists = model.variablesOf("units");
      made.$attrs[`${ext.prefix}:collection`] = lists[0]?.name ?? "departments";
      made.$attrs[`${ext.prefix}:elementVariable`] = "department";
    }
    modeling.updateProperties(p.element, { loopCharacteristics: made });
  };
  const parts = [checkField(t.isSeveral, Boolean(loop), toggle, { path: "several" })];
  if (loop) {
    const set = (name, value) => ext.setAttribute(p.element, name, value, loop);
    const lists = model.variablesOf("units", "list").map((variable) => ({ value: variable.name, label: t.chosenEarlier.replace("%s", variable.label) }));
    parts.push(
      fields(
        selectField(t.order, [{ value: "", label: t.atOnce }, { value: "true", label: t.oneByOne }], loop.isSequential ? "true" : "", (value) => setLoop({ isSequential: value === "true" }), { path: "several-order" }),
        textField(t.elementVariable, ext.attribute(loop, "elementVariable"), (value) => set("elementVariable", value), { path: "several-variable" }),
        selectField(t.collection, lists, ext.attribute(loop, "collection"), (value) => set("collection", value), { empty: t.choose, path: "several-list", wide: true }),
        areaField(t.formula, ext.attribute(loop, "collection"), (value) => set("collection", value), { css: "mono", rows: 1, path: "several-formula" }),
        areaField(t.completion, loop.completionCondition?.body ?? "", (value) => {
          const expression = value ? p.factory.create("bpmn:FormalExpression", { body: value }) : undefined;
          if (expression) expression.$parent = loop;
          setLoop({ completionCondition: expression });
        }, { css: "mono", rows: 1, path: "several-completion", placeholder: "nrOfCompletedInstances >= 2" }),
      ),
    );
    if (p.element.type === "bpmn:UserTask") parts.push(countersign(p, loop, offers));
  }
  return section("several", t.several, Boolean(loop), !loop && h("p", { class: "muted" }, t.severalNote), ...parts);
}

function countersign(p, loop, offers) {
  const { t, ext, model } = p;
  const vote = ext.read(loop, "countersign")[0]?.attributes;
  const write = (attributes) => ext.write(p.element, "countersign", attributes ? [{ attributes }] : [], loop);
  const outcomes = model.outcomes(p.bo);
  const words = (text) => (text ?? "").split(/[\s,]+/).filter(Boolean);
  const parts = [checkField(t.isCountersign, Boolean(vote), (checked) => write(checked ? { rule: "all", yes: outcomes[0]?.value, no: outcomes[1]?.value } : null), { path: "vote" })];
  if (vote) {
    const set = (values) => write({ ...vote, ...values });
    parts.push(
      fields(
        selectField(t.countersignRule, offers.countersignRules, vote.rule ?? "ratio", (value) => set({ rule: value }), { path: "vote-rule" }),
        (vote.rule ?? "ratio") === "ratio" && textField(t.rate, vote.rate ?? "100", (value) => set({ rate: value }), { type: "number", min: 1, max: 100, path: "vote-rate" }),
        boxesField(t.yesOutcomes, outcomes, words(vote.yes ?? "agree"), (now) => set({ yes: now.join(" ") }), { path: "vote-yes" }),
        boxesField(t.noOutcomes, outcomes, words(vote.no ?? "disagree"), (now) => set({ no: now.join(" ") }), { path: "vote-no" }),
        boxesField(t.vetoOutcomes, outcomes, words(vote.veto), (now) => set({ veto: now.join(" ") }), { path: "vote-veto" }),
        checkField(t.abstain, (vote.abstain ?? "counts") === "counts", (checked) => set({ abstain: checked ? "counts" : "no" }), { path: "vote-abstain" }),
      ),
    );
  }
  return h("div", { class: "designer__sub" }, ...parts);
}

export function localsSection(p) {
  const { t, ext } = p;
  const locals = ext.read(p.bo, "local");
  return section(
    "locals",
    t.locals,
    false,
    h("p", { class: "muted" }, t.localsNote),
    listField({
      items: locals,
      texts: t,
      path: "local",
      add: t.addLocal,
      fresh: () => ({ name: "local", attributes: { name: "", value: "null" }, children: [] }),
      onChange: (changed) => ext.write(p.element, "local", changed),
      draw: (item, index, change) => {
        const set = (values) => change({ ...item, attributes: { ...item.attributes, ...values } });
        return fields(
          textField(t.variableName, item.attributes.name, (value) => set({ name: value }), { path: `local-${index}-name` }),
          textField(t.value, item.attributes.value, (value) => set({ value }), { path: `local-${index}-value` }),
        );
      },
    }),
  );
}
