// Form pieces of the designer's panel, in the house's components.
import { mount as mountPicker } from "../picker.js";

let count = 0;

/** An element with attributes (functions become listeners) and children; null and false children are left out. */
export function h(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (key === "class") made.className = value;
    else if (key === "value") made.value = value;
    else if (typeof value === "boolean") made.toggleAttribute(key, value);
    else if (value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== false && child !== undefined));
  return made;
}

function labelled(label, control, { help = "", wide = false } = {}) {
  control.id ||= `designer-field-${++count}`;
  return h(
    "div",
    { class: wide ? "field field--wide" : "field" },
    label && h("label", { class: "field__label", for: control.id }, label),
    control,
    help && h("div", { class: "field__help" }, help),
  );
}

/** What is typed differs from the field's default value until it is told: so `keepPlace` knows what is not taken over yet. */
export function tellChanges(input, tell) {
  input.addEventListener("change", () => {
    input.defaultValue = input.value;
    tell();
  });
}

export function textField(label, value, onChange, { help, wide, placeholder, path, aria, type = "text", ...more } = {}) {
  const input = h("input", { type, class: "form-control", placeholder, "data-path": path, "aria-label": aria, ...more });
  input.defaultValue = value ?? "";
  tellChanges(input, () => onChange(input.value.trim()));
  return labelled(label, input, { help, wide });
}

export function areaField(label, value, onChange, { help, rows = 2, path, css = "", placeholder } = {}) {
  const area = h("textarea", { class: `form-control ${css}`, rows, "data-path": path, spellcheck: "false", placeholder });
  area.defaultValue = value ?? "";
  tellChanges(area, () => onChange(area.value.trim()));
  return labelled(label, area, { help, wide: true });
}

/** `options`: [{value, label}]; a value that is not among them is kept and shown. */
export function selectField(label, options, value, onChange, { help, wide, empty, path, aria } = {}) {
  const select = h("select", { class: "form-select", "data-path": path, "aria-label": aria });
  if (empty !== undefined) select.add(new Option(empty, ""));
  for (const option of options) select.add(new Option(option.label, option.value));
  if (value && !options.some((option) => option.value === value)) select.add(new Option(value, value));
  select.value = value ?? "";
  select.addEventListener("change", () => onChange(select.value));
  return labelled(label, select, { help, wide });
}

export function checkField(label, checked, onChange, { path } = {}) {
  const box = h("input", { type: "checkbox", class: "form-check-input", "data-path": path });
  box.checked = checked;
  box.addEventListener("change", () => onChange(box.checked));
  return h("label", { class: "form-check field--wide" }, box, h("span", {}, label));
}

/** Several of a few, as boxes in a row. */
export function boxesField(label, options, chosen, onChange, { path } = {}) {
  const boxes = options.map((option) => {
    const box = h("input", { type: "checkbox", class: "form-check-input", value: option.value, "data-path": `${path}-${option.value}` });
    box.checked = chosen.includes(option.value);
    box.addEventListener("change", () =>
      onChange([...group.querySelectorAll("input:checked")].map((one) => one.value)),
    );
    return h("label", { class: "form-check" }, box, h("span", {}, option.label));
  });
  const group = h("fieldset", { class: "field field--wide field__options" }, label && h("legend", { class: "field__label" }, label), ...boxes);
  return group;
}

/** A choice the server is asked for. */
export function pickerField(label, url, value, valueLabel, onChange, { path } = {}) {
  const select = h("select", { "data-url": url, "data-path": path });
  select.add(new Option("—", ""));
  if (value) select.add(new Option(valueLabel || value, value, true, true));
  select.addEventListener("change", () => onChange(select.value, select.selectedOptions[0]?.text ?? ""));
  const field = labelled(label, select);
  mountPicker(select);
  return field;
}

export function button(label, onClick, { css = "btn btn-sm", title, path } = {}) {
  return h("button", { type: "button", class: css, title, "data-path": path, click: onClick }, label);
}

export function fields(...children) {
  return h("div", { class: "fields fields--2" }, ...children);
}

/** A foldable part of the panel; remembers whether it is open while the page lives. */
const folded = new Map();
export function section(name, title, isOpenFirst, ...children) {
  const details = h(
    "details",
    { class: "designer__section", "data-section": name },
    h("summary", {}, h("h3", {}, title)),
    h("div", { class: "designer__fields" }, ...children),
  );
  details.open = folded.get(name) ?? isOpenFirst;
  details.addEventListener("toggle", () => folded.set(name, details.open));
  return details;
}

/** Rows one may add, take away and move; `draw(item, index, change)` draws one and calls change(newItem). */
export function listField({ items, draw, fresh, onChange, texts, add, path, least = 0 }) {
  const replace = (index, item) => onChange(items.map((one, place) => (place === index ? item : one)));
  const move = (index, by) => {
    const moved = [...items];
    [moved[index], moved[index + by]] = [moved[index + by], moved[index]];
    onChange(moved);
  };
  const rows = items.map((item, index) =>
    h(
      "div",
      { class: "designer__item", "data-path": `${path}-${index}` },
      h(
        "div",
        { class: "designer__item-tools" },
        index > 0 && button("↑", () => move(index, -1), { title: texts.up, css: "btn btn-sm btn-icon btn-ghost" }),
        index < items.length - 1 && button("↓", () => move(index, 1), { title: texts.down, css: "btn btn-sm btn-icon btn-ghost" }),
        items.length > least &&
          button("×", () => onChange(items.filter((_one, place) => place !== index)), { title: texts.remove, css: "btn btn-sm btn-icon btn-ghost" }),
      ),
      draw(item, index, (changed) => replace(index, changed)),
    ),
  );
  return h("div", { class: "designer__list" }, ...rows, button(`+ ${add}`, () => onChange([...items, fresh()]), { path: `${path}-add` }));
}

/** Draws again without losing the place somebody types at, nor what was typed there and is not taken over yet. */
export function keepPlace(root, redraw) {
  const before = root.contains(document.activeElement) ? document.activeElement : null;
  const typed = before?.value;
  const isText = before?.matches("input[type=text], input[type=number], textarea");
  const isOpen = isText && typed !== before.defaultValue;
  const ends = isText && [before.selectionStart, before.selectionEnd];
  // A field that goes would tell its change, to what the panel knew before.
  if (isOpen) before.value = before.defaultValue;
  const top = root.scrollTop;
  redraw();
  root.scrollTop = top;
  const path = before?.dataset.path;
  const field = path && root.querySelector(`[data-path="${CSS.escape(path)}"]`);
  if (!field) return;
  field.focus({ preventScroll: true });
  if (isOpen) typeOn(field, typed);
  if (isText && field.value === typed && ends[0] !== null) field.setSelectionRange(...ends);
}

/** A browser tells of a change only where it was typed into this very field; what is written here is told on leaving. */
function typeOn(field, typed) {
  field.value = typed;
  let isTold = false;
  field.addEventListener("change", () => (isTold = true), { once: true });
  field.addEventListener("blur", () => isTold || field.value === field.defaultValue || field.dispatchEvent(new Event("change")), { once: true });
}
