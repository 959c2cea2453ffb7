// A <select> that can be searched by typing: label, data-key (pinyin, code) or, with data-url, on the server.
// data-url answers GET ?q=… with {"results": [{"value": 3, "label": "…", "note": "…"}]}.
import { text } from "../texts.js";

const SHOWN = 60;
let count = 0;

class Picker {
  constructor(select) {
    this.select = select;
    this.number = ++count;
    this.options = [];
    this.current = -1;
    this.build();
    this.showChosen();
    this.listen();
  }

  build() {
    const { select } = this;
    this.root = element("div", "picker");
    this.chosen = element("div", "picker__chosen");
    this.input = element("input", "form-control picker__input");
    Object.assign(this.input, {
      type: "text",
      autocomplete: "off",
      id: `${select.id || "picker"}-search-${this.number}`,
      placeholder: select.dataset.placeholder ?? text("pick"),
      disabled: select.disabled,
    });
    const listId = `picker-list-${this.number}`;
    attributes(this.input, { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": listId });
    for (const name of ["aria-describedby", "aria-invalid", "aria-label"]) {
      if (select.hasAttribute(name)) this.input.setAttribute(name, select.getAttribute(name));
    }
    this.clear = element("button", "picker__clear", "×");
    Object.assign(this.clear, { type: "button", tabIndex: -1 });
    this.clear.setAttribute("aria-label", text("clear"));
    this.list = element("ul", "picker__list");
    attributes(this.list, { role: "listbox", id: listId });
    this.list.hidden = true;
    const box = element("div", "picker__box");
    box.append(this.input, this.clear, this.list);
    this.root.append(this.chosen, box);
    for (const label of select.labels ?? []) label.htmlFor = this.input.id;
    this.required = select.required;
    select.required = false;
    select.hidden = true;
    select.after(this.root);
    if (select.autofocus) this.input.focus();
  }

  listen() {
    const { input, list } = this;
    input.addEventListener("focus", () => input.select());
    input.addEventListener("click", () => this.search());
    input.addEventListener("input", () => {
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.search(), this.select.dataset.url ? 180 : 0);
    });
    input.addEventListener("keydown", (event) => this.press(event));
    input.addEventListener("blur", () => setTimeout(() => this.leave(), 120));
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const item = event.target.closest(".picker__option");
      if (item) this.choose(this.options[Number(item.dataset.index)]);
    });
    this.clear.addEventListener("click", () => {
      this.setValue("");
      input.focus();
    });
    this.chosen.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      const option = [...this.select.options].find((one) => one.value === button.value);
      if (option) option.selected = false;
      this.changed();
    });
    this.select.addEventListener("picker:refresh", () => this.showChosen());
    this.select.form?.addEventListener("reset", () => setTimeout(() => this.showChosen()));
  }

  async search() {
    const wanted = this.input.value.trim();
    const typed = wanted === this.label() ? "" : wanted;
    const request = (this.request = Symbol());
    let found;
    try {
      found = this.select.dataset.url ? await this.fetchOptions(typed) : this.localOptions(typed);
    } catch {
      found = null;
    }
    if (request !== this.request || document.activeElement !== this.input) return;
    this.open(found);
  }

  localOptions(typed) {
    const wanted = typed.toLowerCase();
    return [...this.select.options]
      .filter((option) => option.value && !option.disabled)
      .filter((option) => `${option.text} ${option.dataset.key ?? ""}`.toLowerCase().includes(wanted))
      .map((option) => ({ value: option.value, label: option.text.trim(), note: option.dataset.note }));
  }

  async fetchOptions(typed) {
    const url = new URL(this.select.dataset.url, window.location.href);
    url.searchParams.set("q", typed);
    // data-with="#id_unit": the value of another field goes along, under its own name.
    for (const other of document.querySelectorAll(this.select.dataset.with || ":not(*)")) url.searchParams.set(other.name, other.value);
    const response = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!response.ok) throw new Error(String(response.status));
    return (await response.json()).results;
  }

  open(found) {
    this.options = (found ?? []).slice(0, SHOWN);
    const items = this.options.map((option, index) => {
      const item = element("li", "picker__option", option.label);
      item.dataset.index = index;
      item.id = `${this.list.id}-${index}`;
      attributes(item, { role: "option", "aria-selected": "false" });
      if (option.note) item.append(" ", element("small", "", option.note));
      return item;
    });
    if (!items.length) items.push(element("li", "picker__note", text(found ? "nothingFound" : "offline")));
    else if (found.length > SHOWN) items.push(element("li", "picker__note", text("typeMore")));
    this.list.replaceChildren(...items);
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.mark(this.input.value.trim() && this.options.length ? 0 : -1);
  }

  close() {
    // Neither a search still to be sent nor an answer under way may open the list again.
    clearTimeout(this.waiting);
    this.request = null;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  mark(index) {
    this.current = index;
    const items = [...this.list.querySelectorAll(".picker__option")];
    items.forEach((item, place) => item.setAttribute("aria-selected", String(place === index)));
    if (items[index]) {
      this.input.setAttribute("aria-activedescendant", items[index].id);
      items[index].scrollIntoView({ block: "nearest" });
    }
  }

  press(event) {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) return void this.search();
      const last = this.options.length - 1;
      const next = this.current + (event.key === "ArrowDown" ? 1 : -1);
      this.mark(next < 0 ? last : next > last ? 0 : next);
    } else if (event.key === "Enter" && !this.list.hidden) {
      event.preventDefault();
      if (this.options[this.current]) this.choose(this.options[this.current]);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      this.close();
      this.showChosen();
    } else if (event.key === "Backspace" && this.select.multiple && !this.input.value) {
      const last = [...this.select.selectedOptions].at(-1);
      if (last) {
        last.selected = false;
        this.changed();
      }
    }
  }

  leave() {
    if (document.activeElement === this.input) return;
    this.close();
    if (!this.select.multiple && !this.input.value.trim()) {
      if (this.select.value) this.setValue("");
    } else this.showChosen();
  }

  choose(option) {
    this.setValue(String(option.value), option.label);
    this.close();
    if (this.select.multiple) this.input.value = "";
  }

  setValue(value, label = "") {
    const { select } = this;
    let option = [...select.options].find((one) => one.value === value);
    if (!option && value) {
      option = new Option(label, value);
      select.add(option);
    }
    if (select.multiple) {
      if (option) option.selected = true;
    } else if (option) {
      select.value = value;
    } else {
      select.selectedIndex = -1;
      select.value = "";
    }
    this.changed();
  }

  changed() {
    this.showChosen();
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  label() {
    const option = this.select.selectedOptions[0];
    return !this.select.multiple && option?.value ? option.text.trim() : "";
  }

  showChosen() {
    const { select, input } = this;
    if (select.multiple) {
      this.chosen.replaceChildren(
        ...[...select.selectedOptions].map((option) => {
          const tag = element("span", "tag tag--accent", option.text.trim());
          const button = element("button", "", "×");
          Object.assign(button, { type: "button", value: option.value });
          button.setAttribute("aria-label", `${text("remove")} ${option.text.trim()}`);
          tag.append(button);
          return tag;
        }),
      );
      input.value = "";
    } else {
      input.value = this.label();
    }
    input.required = this.required && !select.value;
    this.clear.hidden = select.multiple || !select.value || this.required || select.disabled;
  }
}

function element(name, css, content = "") {
  const made = document.createElement(name);
  if (css) made.className = css;
  made.textContent = content;
  return made;
}

function attributes(target, values) {
  for (const [name, value] of Object.entries(values)) target.setAttribute(name, value);
}

export function mount(select) {
  new Picker(select);
}
