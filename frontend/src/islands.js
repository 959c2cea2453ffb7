import { mount as agentChat } from "./islands/agent_chat.js";
import { mount as alertWishes } from "./islands/alert_wishes.js";
import { mount as browserDraft } from "./islands/browser_draft.js";
import { mount as changed } from "./islands/changed.js";
import { mount as chatColumns } from "./islands/chat_columns.js";
import { mount as conditionalItems } from "./islands/conditional_items.js";
import { mount as conversation } from "./islands/conversation.js";
import { mount as copy } from "./islands/copy.js";
import { mount as desk } from "./islands/desk.js";
import { mount as draft } from "./islands/draft.js";
import { mount as fileList } from "./islands/file_list.js";
import { mount as intake } from "./islands/intake.js";
import { mount as orderable } from "./islands/orderable.js";
import { mount as picker } from "./islands/picker.js";
import { mount as presence } from "./islands/presence.js";
import { mount as ringing } from "./islands/ringing.js";
import { mount as rowKeys } from "./islands/row_keys.js";
import { mount as selectRows } from "./islands/select_rows.js";
import { mount as smsLength } from "./islands/sms_length.js";
import { mount as staleRows } from "./islands/stale_rows.js";
import { mount as suggest } from "./islands/suggest.js";
import { mount as treeFilter } from "./islands/tree_filter.js";
import { mount as unsaved } from "./islands/unsaved.js";
import { mount as visitorChat } from "./islands/visitor_chat.js";

// name in data-island → function(element). Big ones are fetched when a page has them.
const islands = {
  "agent-chat": agentChat,
  "alert-wishes": alertWishes,
  "browser-draft": browserDraft,
  changed,
  "chat-columns": chatColumns,
  "conditional-items": conditionalItems,
  conversation,
  copy,
  desk,
  draft,
  "file-list": fileList,
  intake,
  orderable,
  picker,
  presence,
  ringing,
  "row-keys": rowKeys,
  "select-rows": selectRows,
  "sms-length": smsLength,
  "stale-rows": staleRows,
  suggest,
  "tree-filter": treeFilter,
  unsaved,
  "visitor-chat": visitorChat,
  "decision-table": (element) => import("./islands/decision_table.js").then((module) => module.mount(element)),
  "process-comparison": (element) => import("./islands/process_comparison.js").then((module) => module.mount(element)),
  "process-designer": (element) => import("./islands/process_designer/index.js").then((module) => module.mount(element)),
  "process-viewer": (element) => import("./islands/process_viewer.js").then((module) => module.mount(element)),
};

/** Starts every island at or below `root` once; an element may carry several names. */
export function mountIslands(root) {
  const elements = [...root.querySelectorAll("[data-island]")];
  if (root.matches?.("[data-island]")) elements.unshift(root);
  for (const element of elements) {
    const started = (element.dataset.islandStarted ?? "").split(" ");
    for (const name of element.dataset.island.split(/\s+/)) {
      if (!islands[name] || started.includes(name)) continue;
      element.dataset.islandStarted = [...started, name].join(" ").trim();
      islands[name](element);
    }
  }
}
