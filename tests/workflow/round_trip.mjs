// Reads file names (JSON, standard input), writes what the designer would export of each (JSON by name).
// Arguments: the module that reads and writes BPMN in the designer, and the designer's repair of dangling references.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { BpmnModdle } = await import(pathToFileURL(process.argv[2]));
const { complete, repair, tidy } = await import(pathToFileURL(process.argv[3]));
const exported = {};
for (const name of JSON.parse(readFileSync(0, "utf8"))) {
  const moddle = new BpmnModdle();
  const { rootElement, warnings } = await moddle.fromXML(tidy(readFileSync(name, "utf8")));
  const left = repair(rootElement, warnings, moddle);
  complete(rootElement);
  const { xml } = await moddle.toXML(rootElement, { format: true });
  exported[name] = { xml, warnings: left.map((warning) => warning.message) };
}
process.stdout.write(JSON.stringify(exported));
