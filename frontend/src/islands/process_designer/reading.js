// Takes a drawing in as the canvas can show it: dangling references repaired, elements without layout laid out.
import { complete, hasLayout, repair, tidy } from "./repair.js";

/** Shows the file; resolves to {lost: [sentences], laidOut}. Throws where it is no BPMN. */
export async function readDrawing(modeler, file) {
  const moddle = modeler.get("moddle");
  const { rootElement, warnings } = await moddle.fromXML(tidy(file));
  const left = repair(rootElement, warnings, moddle);
  complete(rootElement);
  const laidOut = !hasLayout(rootElement);
  let { xml } = await moddle.toXML(rootElement, { format: true });
  if (laidOut) {
    const { layoutProcess } = await import("bpmn-auto-layout");
    xml = await layoutProcess(xml);
  }
  await modeler.importXML(xml);
  return { lost: left.map((warning) => warning.message.split("\n")[0]), laidOut };
}
