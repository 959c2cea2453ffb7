// A decision table one edits: dmn-js's editor in the reader's language, saved by itself.
// data-table-url: {dmn, number, revision}; data-save-url takes the same; data-texts: <script> with all words.
import { DmnModdle } from "dmn-moddle";
import { Ids } from "ids";
import Editor from "dmn-js-decision-table/lib/Editor";
import { columnNames } from "./column_names.js";
import "dmn-js-shared/assets/css/dmn-js-shared.css";
import "dmn-js-decision-table/assets/css/dmn-js-decision-table.css";
import "dmn-js-decision-table/assets/css/dmn-js-decision-table-controls.css";
import "dmn-font/dist/css/dmn.css";
import "./decision_table.css";

const PAUSE = 1200; // milliseconds after the last change
const AGAIN = 15000;

function csrf() {
  return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
}

class Table {
  constructor(box) {
    this.box = box;
    this.texts = JSON.parse(document.querySelector(box.dataset.texts).textContent);
    this.state = box.querySelector("[data-state]");
    this.notice = box.querySelector("[data-notice]");
    this.moddle = new DmnModdle();
    this.changed = false;
  }

  async start() {
    const begun = await (await fetch(this.box.dataset.tableUrl, { credentials: "same-origin" })).json();
    Object.assign(this, { number: begun.number, revision: begun.revision });
    const { rootElement, elementsById } = await this.moddle.fromXML(begun.dmn, "dmn:Definitions");
    // The editor gives new rules and columns names nobody has yet.
    this.moddle.ids = new Ids([32, 36, 1]);
    for (const [id, element] of Object.entries(elementsById)) this.moddle.ids.claim(id, element);
    this.definitions = rootElement;
    this.names = columnNames(rootElement);
    this.names.show();
    const translate = (words, facts = {}) => (this.texts[words] ?? words).replace(/{(\w+)}/g, (_all, name) => facts[name] ?? "");
    this.editor = new Editor({
      additionalModules: [{ moddle: ["value", this.moddle], translate: ["value", translate], _parent: ["value", this] }],
    });
    this.editor.attachTo(this.box.querySelector("[data-canvas]"));
    await this.editor.open(rootElement.drgElement.find((one) => one.$type === "dmn:Decision"));
    this.editor.on("commandStack.changed", () => {
      this.touch();
    });
    this.box.addEventListener("click", (event) => {
      const what = event.target.closest("[data-do]")?.dataset.do;
      if (what) this.editor.get("commandStack")[what]();
    });
    addEventListener("beforeunload", (event) => {
      if (this.changed) event.preventDefault();
    });
    this.box.dataset.ready = "true";
  }

  // What the editor asks of the place it stands in.
  getDefinitions() {
    return this.definitions;
  }

  getView() {
    return null; // there is no diagram of several decisions
  }

  tell(words) {
    this.state.textContent = words;
    this.state.dataset.saved = String(!this.changed);
  }

  touch() {
    this.changed = true;
    this.edits = (this.edits ?? 0) + 1;
    this.tell(this.texts.unsaved);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE);
  }

  async save() {
    if (this.saving) return void this.touch();
    this.saving = true;
    const { edits } = this;
    this.tell(this.texts.saving);
    try {
      const { xml } = await this.names.asKept(() => this.moddle.toXML(this.definitions, { format: true }));
      const response = await fetch(this.box.dataset.saveUrl, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf() },
        body: JSON.stringify({ dmn: xml, number: this.number, revision: this.revision }),
      });
      const answer = await response.json();
      if (response.ok) {
        Object.assign(this, { number: answer.number, revision: answer.revision });
        this.changed = edits !== this.edits;
        this.refuse();
      } else {
        this.refuse(answer.code === "draft_changed" ? this.texts.changed : [answer.title, ...Object.values(answer.errors ?? {})].filter((one, place, all) => !all.slice(0, place).some((other) => other.includes(one))).join(" "));
      }
    } catch {
      this.refuse(this.texts.notSaved);
      this.timer = setTimeout(() => this.save(), AGAIN);
    }
    this.saving = false;
    this.tell(this.changed ? this.texts.unsaved : this.texts.saved);
  }

  refuse(words = "") {
    this.notice.hidden = !words;
    this.notice.textContent = words;
  }
}

export function mount(box) {
  return new Table(box).start();
}
