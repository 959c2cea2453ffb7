// bpmn-js, cut down to the elements the house runs and speaking the reader's language.
import Modeler from "bpmn-js/lib/Modeler";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import { shownName, shownNames } from "../process_names.js";
import { keepWhenCopying } from "./extensions.js";
import { naming } from "./naming.js";

const NOT_OFFERED = /compensat|complex-gateway|transaction|ad-hoc|choreograph|cancel|participant|pool|data-|loop/;

/** What may be put on the canvas: [key, bpmn type, class of the symbol, words, more]. */
const PALETTE = [
  ["start", "bpmn:StartEvent", "start-event-none", "Create start event"],
  ["user-task", "bpmn:UserTask", "user-task", "Create user task"],
  ["exclusive", "bpmn:ExclusiveGateway", "gateway-xor", "Create exclusive gateway"],
  ["parallel", "bpmn:ParallelGateway", "gateway-parallel", "Create parallel gateway"],
  ["timer", "bpmn:IntermediateCatchEvent", "intermediate-event-catch-timer", "Create timer event", { eventDefinitionType: "bpmn:TimerEventDefinition" }],
  ["call", "bpmn:CallActivity", "call-activity", "Create call activity"],
  ["end", "bpmn:EndEvent", "end-event-none", "Create end event"],
];

function houseModule(words) {
  function translate(template, replacements = {}) {
    const found = words[template] ?? template;
    return found.replace(/{([^}]+)}/g, (_whole, name) => replacements[name] ?? `{${name}}`);
  }

  class HousePalette {
    constructor(palette, create, elementFactory) {
      Object.assign(this, { create, elementFactory });
      palette.registerProvider(500, this);
    }

    getPaletteEntries() {
      return (entries) => {
        const kept = {};
        for (const name of ["hand-tool", "lasso-tool", "space-tool", "global-connect-tool", "tool-separator"]) kept[name] = entries[name];
        for (const [key, type, symbol, label, options] of PALETTE) {
          const start = (event) => this.create.start(event, this.elementFactory.createShape({ type, ...options }));
          kept[`create.${key}`] = {
            group: "activity",
            className: `bpmn-icon-${symbol}`,
            title: translate(label),
            action: { dragstart: start, click: start },
          };
        }
        kept["create.subprocess-expanded"] = entries["create.subprocess-expanded"];
        return kept;
      };
    }
  }
  HousePalette.$inject = ["palette", "create", "elementFactory"];

  class HousePad {
    constructor(contextPad, autoPlace, elementFactory, create) {
      Object.assign(this, { autoPlace, elementFactory, create });
      contextPad.registerProvider(500, this);
    }

    getContextPadEntries() {
      return (entries) => {
        if (entries["append.append-task"]) {
          entries["append.append-task"] = this.append("bpmn:UserTask", "user-task", "Append user task");
          entries["append.gateway"] = this.append("bpmn:ExclusiveGateway", "gateway-xor", "Append exclusive gateway");
        }
        delete entries["append.compensation-activity"];
        return entries;
      };
    }

    append(type, symbol, label) {
      return {
        group: "model",
        className: `bpmn-icon-${symbol}`,
        title: translate(label),
        action: {
          click: (_event, element) => this.autoPlace.append(element, this.elementFactory.createShape({ type })),
          dragstart: (event, element) => this.create.start(event, this.elementFactory.createShape({ type }), { source: element }),
        },
      };
    }
  }
  HousePad.$inject = ["contextPad", "autoPlace", "elementFactory", "create"];

  class HouseMenu {
    constructor(popupMenu) {
      popupMenu.registerProvider("bpmn-replace", 500, this);
    }

    getPopupMenuEntries() {
      return (entries) => {
        for (const name of Object.keys(entries)) if (NOT_OFFERED.test(name)) delete entries[name];
        return entries;
      };
    }

    getPopupMenuHeaderEntries() {
      return (entries) => {
        for (const name of Object.keys(entries)) if (/loop|ad-?hoc|compensation/i.test(name)) delete entries[name];
        return entries;
      };
    }
  }
  HouseMenu.$inject = ["popupMenu"];

  return {
    __init__: ["housePalette", "housePad", "houseMenu"],
    housePalette: ["type", HousePalette],
    housePad: ["type", HousePad],
    houseMenu: ["type", HouseMenu],
    translate: ["value", translate],
  };
}

export function createCanvas(container, words) {
  const style = getComputedStyle(document.body);
  const modeler = new Modeler({
    container,
    textRenderer: { defaultStyle: { fontFamily: style.fontFamily, fontSize: 12 } },
    bpmnRenderer: { defaultStrokeColor: style.getPropertyValue("--op-ink-soft").trim() },
    additionalModules: [houseModule(words), shownNames, naming],
  });
  keepWhenCopying(modeler);
  return modeler;
}

export function fit(modeler) {
  const canvas = modeler.get("canvas");
  canvas.resized();
  canvas.zoom("fit-viewport", "auto");
  const palette = document.querySelector(".designer .djs-palette")?.offsetWidth ?? 0;
  const { outer, inner } = canvas.viewbox();
  const scale = Math.min((outer.width - palette - 40) / inner.width, (outer.height - 40) / inner.height, 1);
  const width = outer.width / scale;
  const height = outer.height / scale;
  const free = (outer.width - palette - 20) / scale - inner.width;
  canvas.viewbox({ x: inner.x - (palette + 20) / scale - Math.max(free, 0) / 2, y: inner.y - (height - inner.height) / 2, width, height });
}

/** Names for every kind of element, as the change menu has them. */
const KIND_WORDS = {
  "bpmn:Process": "process",
  "bpmn:Task": "Task",
  "bpmn:UserTask": "User task",
  "bpmn:ManualTask": "Manual task",
  "bpmn:ServiceTask": "Service task",
  "bpmn:ScriptTask": "Script task",
  "bpmn:BusinessRuleTask": "Business rule task",
  "bpmn:SendTask": "Send task",
  "bpmn:ReceiveTask": "Receive task",
  "bpmn:CallActivity": "Call activity",
  "bpmn:SubProcess": "Sub-process",
  "bpmn:ExclusiveGateway": "Exclusive gateway",
  "bpmn:ParallelGateway": "Parallel gateway",
  "bpmn:InclusiveGateway": "Inclusive gateway",
  "bpmn:EventBasedGateway": "Event-based gateway",
  "bpmn:StartEvent": "Start event",
  "bpmn:EndEvent": "End event",
  "bpmn:IntermediateThrowEvent": "Event",
  "bpmn:IntermediateCatchEvent": "Event",
  "bpmn:BoundaryEvent": "Event",
  "bpmn:SequenceFlow": "Sequence flow",
  "bpmn:TextAnnotation": "Text annotation",
};

export function kindLabel(element, words) {
  const word = KIND_WORDS[element.type] ?? element.type.replace("bpmn:", "");
  return words[word] ?? word;
}

export function isFlowNode(element) {
  return Boolean(element.businessObject?.$instanceOf?.("bpmn:FlowNode")) && element.type !== "label";
}

/** The name in the reader's language; what it is where it has none. */
export function nameOf(element, words) {
  return ownName(element) || kindLabel(element, words);
}

export function ownName({ businessObject }) {
  return shownName(businessObject);
}
