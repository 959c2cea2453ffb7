// Names of a decision table in the reader's language. The English one stands beside the name, as op:labelEn of a column
// and op:nameEn of the table; a table is never changed in order to show it.
import { readsEnglish } from "./process_names.js";

const NAMESPACE = "urn:onepoint:bpmn";

class ColumnNames {
  constructor(definitions) {
    this.definitions = definitions;
    this.kept = new Map(); // column or decision → its name in the file, where another may be shown
    const declared = Object.entries(definitions.$attrs).find(([, value]) => value === NAMESPACE);
    this.prefix = declared ? declared[0].replace("xmlns:", "") : "op";
  }

  things() {
    const decision = this.definitions.drgElement.find((one) => one.$type === "dmn:Decision");
    const { input = [], output = [] } = decision.decisionLogic ?? {};
    return [[decision, "name", "nameEn"], ...[...input, ...output].map((column) => [column, "label", "labelEn"])];
  }

  english(thing, attribute) {
    return thing.$attrs[`${this.prefix}:${attribute}`] ?? "";
  }

  /** Show English names to those who read English; a Chinese name is not theirs to change. */
  show() {
    if (!readsEnglish()) return;
    for (const [thing, name, attribute] of this.things()) {
      const own = thing[name] ?? "";
      const english = this.english(thing, attribute);
      if (!english && !/\p{Script=Han}/u.test(own)) continue;
      this.kept.set(thing, own);
      if (english) thing.set(name, english);
    }
  }

  /** What `write` makes of the table with every name where the file has it. */
  asKept(write) {
    const shown = [];
    for (const [thing, name, attribute] of this.things()) {
      if (!this.kept.has(thing)) continue;
      const text = thing[name] ?? "";
      shown.push([thing, name, text]);
      this.setEnglish(thing, attribute, text === this.kept.get(thing) ? "" : text);
      thing.set(name, this.kept.get(thing));
    }
    try {
      return write(); // the text is written before this returns
    } finally {
      for (const [thing, name, text] of shown) thing.set(name, text);
    }
  }

  setEnglish(thing, attribute, text) {
    const whole = `${this.prefix}:${attribute}`;
    if (!text) return void delete thing.$attrs[whole];
    this.definitions.$attrs[`xmlns:${this.prefix}`] ??= NAMESPACE;
    thing.$attrs[whole] = text;
  }
}

/** Of what moddle read of a file. */
export function columnNames(definitions) {
  return new ColumnNames(definitions);
}
