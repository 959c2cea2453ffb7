// A form that came back refused: the cursor stands in the first field to correct.
import htmx from "htmx.org";

const SELECTOR = ".field--invalid :is(input, select, textarea):not([type=hidden], [hidden], :disabled)";

htmx.onLoad((root) => {
  if (root.querySelector(SELECTOR)) setTimeout(() => root.querySelector(SELECTOR)?.focus());
});
