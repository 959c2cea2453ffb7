// The test run: choose as the persons would, let time pass, and see the path on the drawing. The server plays it.
import { button, checkField, fields, h, pickerField, section, selectField, textField } from "./dom.js";

const FLOWS = "flow-taken";
const STATES = ["now", "done", "returned", "incident"];

export class Trial {
  constructor(house) {
    Object.assign(this, house);
    this.t = house.offers.texts;
    this.facts = { ...house.offers.usualFacts };
    this.unitName = house.offers.usualUnit;
    this.moves = [];
    this.isOn = false;
    this.marked = [];
    // No short form: a listener that returns false keeps the others from hearing.
    this.modeler.on("commandStack.changed", () => {
      if (this.isOn) this.stop();
    });
  }

  toggle() {
    if (this.isOn) this.stop();
    else this.begin();
  }

  begin() {
    this.isOn = true;
    this.moves = [];
    this.shown = null;
    this.panel.show(() => this.setting());
    this.button(true);
  }

  stop() {
    this.isOn = false;
    this.clear();
    this.panel.show(null);
    this.button(false);
  }

  button(isOn) {
    this.box.querySelector('[data-do="trial"]').setAttribute("aria-pressed", String(isOn));
  }

  async play(moves) {
    let answer;
    try {
      answer = await this.ask(this.offers.urls.trial, { bpmn: await this.saving.xml(), facts: this.facts, moves });
    } catch (error) {
      const found = error.answer?.findings;
      this.toast(found ? found.map((finding) => finding.text).join(" ") : error.message, "error");
      if (found) this.checks.show();
      return;
    }
    if (answer.refused) this.toast([answer.refused, ...Object.values(answer.errors ?? {})].filter((text, place, all) => all.indexOf(text) === place).join(" "), "error");
    this.moves = moves.slice(0, answer.played);
    this.shown = answer;
    this.mark();
    this.panel.show(() => this.running());
  }

  // on the drawing

  clear() {
    const canvas = this.modeler.get("canvas");
    const registry = this.modeler.get("elementRegistry");
    for (const [id, marker] of this.marked) if (registry.get(id)) canvas.removeMarker(id, marker);
    this.marked = [];
    this.modeler.get("overlays").remove({ type: "trial" });
  }

  mark() {
    this.clear();
    const canvas = this.modeler.get("canvas");
    const registry = this.modeler.get("elementRegistry");
    const put = (id, marker) => {
      if (!registry.get(id)) return;
      canvas.addMarker(id, marker);
      this.marked.push([id, marker]);
    };
    for (const id of this.shown.flows ?? []) put(id, FLOWS);
    for (const [id, node] of Object.entries(this.shown.nodes ?? {})) {
      if (STATES.includes(node.state) && registry.get(id)?.type !== "bpmn:SubProcess") put(id, `node-${node.state}`);
      if (node.count > 1 && registry.get(id)) {
        const note = h("div", { class: `node-note node-note--${node.state}` }, `×${node.count}`);
        this.modeler.get("overlays").add(id, "trial", { position: { bottom: -3, left: 0 }, html: note });
      }
    }
  }

  // in the panel

  setting() {
    const { t } = this;
    const inputs = this.offers.facts.filter((fact) => fact.name !== "ticket_number").map((fact) => {
      const value = this.facts[fact.name];
      const put = (given) => {
        if (given === "") delete this.facts[fact.name];
        else this.facts[fact.name] = fact.kind === "number" ? Number(given) : given;
      };
      const path = `fact-${fact.name}`;
      if (fact.name === "unit") return pickerField(fact.label, this.offers.urls.units, value ? String(value) : "", this.unitName, (given, name) => {
        this.unitName = name;
        put(given);
      }, { path });
      if (fact.choices.length) return selectField(fact.label, fact.choices, value ?? "", put, { empty: "—", path });
      return textField(fact.label, value ?? "", put, { type: fact.kind === "number" ? "number" : "text", path });
    });
    const number = textField(t.trialNumber, "", () => {}, { path: "trial-number", placeholder: "TS…" });
    return [
      this.head(),
      section("facts", t.trialFacts, true, h("p", { class: "muted" }, t.trialNote),
        h("div", { class: "designer__beside" }, number, button(t.trialLoad, () => this.load(number.querySelector("input").value), { path: "trial-load" })),
        fields(...inputs),
        button(t.trialStart, () => this.play([]), { css: "btn btn-primary", path: "trial-start" })),
    ];
  }

  head() {
    const { t } = this;
    return h("div", { class: "designer__chooser cluster" }, h("strong", {}, t.trial),
      h("span", { class: "push cluster" },
        this.shown && this.moves.length > 0 && button(t.trialBack, () => this.play(this.moves.slice(0, -1)), { path: "trial-back" }),
        this.shown && button(t.trialAgain, () => this.begin(), { path: "trial-again" }),
        button(t.trialStop, () => this.stop(), { path: "trial-stop" })));
  }

  async load(number) {
    if (!number.trim()) return;
    try {
      const answer = await this.ask(this.offers.urls.trial, { number: number.trim() });
      this.facts = answer.facts;
      this.unitName = String(answer.facts.unit ?? "");
      this.panel.draw();
    } catch (error) {
      this.toast(error.message, "error");
    }
  }

  running() {
    const { t, shown } = this;
    const parts = [this.head()];
    if (shown.ended) parts.push(section("ended", t.trialEnded, true, h("p", {}, this.endLabel(shown.ended))));
    for (const incident of shown.incidents ?? []) parts.push(section(`stuck-${incident.node}`, `${t.trialStuck} ${incident.name}`, true, h("p", { class: "bad" }, incident.text)));
    for (const task of shown.tasks ?? []) parts.push(this.task(task));
    for (const wait of shown.waits ?? []) parts.push(this.wait(wait));
    parts.push(this.path());
    return parts;
  }

  endLabel(outcome) {
    return this.offers.endOutcomes.find((one) => one.value === outcome)?.label ?? outcome;
  }

  task(task) {
    const { t } = this;
    const rows = [
      h("p", {}, task.who.length ? `${t.gets}: ${task.who.join(this.listMark)}` : h("span", { class: "bad" }, t.getsNobody)),
      task.limit && h("p", { class: "muted" }, `${t.limit}: ${task.limit}`),
    ];
    for (const outcome of task.outcomes) {
      const given = (this.given ??= {});
      const key = `${task.visit}-${outcome.id}`;
      const inputs = (given[key] ??= {});
      const questions = outcome.inputs.map((input) => this.question(input, inputs, `ask-${key}-${input.name}`));
      const press = () => this.play([...this.moves, { do: "complete", visit: task.visit, outcome: outcome.id, inputs }]);
      const css = outcome.style === "primary" ? "btn btn-sm btn-primary" : outcome.style === "danger" ? "btn btn-sm btn-danger" : "btn btn-sm";
      rows.push(h("div", { class: "designer__outcome" }, ...questions, button(outcome.label, press, { css, path: `press-${key}` })));
    }
    if (task.targets.length) {
      rows.push(selectField(t.sendBackHere, task.targets.map((target) => ({ value: String(target.visit), label: target.name })), "", (to) => to && this.play([...this.moves, { do: "send_back", visit: task.visit, to: Number(to) }]), { empty: t.choose, path: `back-${task.visit}` }));
    }
    return section(`task-${task.visit}`, `${t.waitsFor}: ${task.name}`, true, ...rows.filter(Boolean));
  }

  get listMark() {
    return document.documentElement.lang.startsWith("en") ? ", " : "、";
  }

  question(input, inputs, path) {
    const label = input.required ? `${input.label} *` : input.label;
    const put = (value) => {
      inputs[input.name] = value;
    };
    if (input.type === "choice") return selectField(label, input.choices, inputs[input.name] ?? "", put, { empty: this.t.choose, path });
    if (input.type === "boolean") return checkField(label, Boolean(inputs[input.name]), put, { path });
    if (input.type === "units") return this.unitsQuestion(label, input, inputs, path);
    if (input.type === "unit" || input.type === "user") {
      const names = (this.names ??= {});
      const url = input.type === "unit" ? `${this.offers.urls.units}?receives_tickets=1` : this.offers.urls.people;
      return pickerField(label, url, inputs[input.name] ?? "", names[inputs[input.name]], (value, name) => {
        names[value] = name;
        put(value);
      }, { path });
    }
    return textField(label, inputs[input.name] ?? "", put, { type: input.type === "datetime" ? "datetime-local" : "text", path });
  }

  unitsQuestion(label, input, inputs, path) {
    const names = (this.names ??= {});
    const chosen = (inputs[input.name] ??= []);
    const tags = h("div", { class: "cluster" }, ...chosen.map((id) => h("span", { class: "tag tag--accent" }, names[id] ?? id)));
    const picker = pickerField(label, `${this.offers.urls.units}?receives_tickets=1`, "", "", (value, name) => {
      if (!value || chosen.includes(value)) return;
      names[value] = name;
      chosen.push(value);
      this.panel.draw();
    }, { path });
    return h("div", {}, picker, tags);
  }

  wait(wait) {
    const { t } = this;
    const move = (kind) => this.play([...this.moves, { do: kind, visit: wait.visit, node: wait.node }]);
    const press = {
      timer: () => [button(t.letDue, () => move("timer"), { path: `wait-${wait.visit}` })],
      message: () => [button(t.arrives, () => move("message"), { path: `wait-${wait.visit}` })],
      signal: () => [button(t.arrives, () => move("signal"), { path: `wait-${wait.visit}` })],
      called: () => [button(t.done, () => move("called"), { path: `wait-${wait.visit}` })],
      service: () => [button(t.done, () => move("service"), { path: `wait-${wait.visit}` }), button(t.fails, () => move("failed"))],
    }[wait.kind];
    return section(`wait-${wait.visit}-${wait.node}`, `${t.waitsFor}: ${wait.name}`, true, wait.words && h("p", { class: "muted mono" }, wait.words), h("div", { class: "cluster" }, ...press()));
  }

  path() {
    const { t, shown } = this;
    const rows = (shown.path ?? []).map((step) =>
      h("li", { class: step.live ? "strong" : "" }, step.name, step.outcome && h("span", { class: "muted" }, ` · ${step.outcome}`), step.limit && h("span", { class: "muted" }, ` · ${step.limit}`)));
    const total = shown.total ?? {};
    const sums = [total.working && `${total.working} (${t.working})`, total.clock].filter(Boolean).join(" + ");
    return section("trial-path", t.path_, true, h("ol", { class: "designer__path" }, ...rows), sums && h("p", {}, `${t.timeSoFar}: ${sums}`));
  }
}
