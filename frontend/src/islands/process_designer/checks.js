// What the server finds wrong, as badges on the drawing and as a list; and publishing, which needs it clean.
import { button, h } from "./dom.js";
import { nameOf } from "./canvas.js";

const PAUSE = 1500;

export class Checks {
  constructor(house, saving) {
    Object.assign(this, house);
    this.saving = saving;
    this.t = house.offers.texts;
    this.findings = [];
    this.list = h("div", { class: "designer__findings", hidden: true });
    this.box.querySelector(".designer__body").append(this.list);
    this.count = this.box.querySelector("[data-count]");
    this.modeler.on("commandStack.changed", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.run(), PAUSE);
    });
    this.dialog = document.getElementById("publish-drawing");
    this.dialog.querySelector("[data-publish-form]").addEventListener("submit", (event) => {
      if (event.submitter?.value !== "publish") return;
      event.preventDefault();
      this.publish();
    });
    this.run();
  }

  async run() {
    try {
      const answer = await this.ask(this.offers.urls.check, { bpmn: await this.saving.xml() });
      this.findings = answer.findings;
    } catch {
      return this.findings;
    }
    this.draw();
    return this.findings;
  }

  draw() {
    const overlays = this.modeler.get("overlays");
    const registry = this.modeler.get("elementRegistry");
    overlays.remove({ type: "finding" });
    const byElement = new Map();
    for (const finding of this.findings) byElement.set(finding.element, [...(byElement.get(finding.element) ?? []), finding]);
    for (const [id, found] of byElement) {
      const shape = registry.get(id);
      if (!shape || shape === this.modeler.get("canvas").getRootElement()) continue;
      const isError = found.some((finding) => finding.level === "error");
      const badge = h("button", { type: "button", class: `designer__badge designer__badge--${isError ? "error" : "warning"}`, title: found.map((finding) => finding.text).join("\n"), click: () => this.panel.select(shape) }, isError ? "!" : "?");
      const middle = shape.waypoints ? { top: 0, left: 0 } : { top: -9, right: 9 };
      overlays.add(id, "finding", { position: middle, html: badge });
    }
    const errors = this.findings.filter((finding) => finding.level === "error").length;
    const warnings = this.findings.length - errors;
    this.count.hidden = !this.findings.length;
    this.count.textContent = String(errors || warnings);
    this.count.dataset.level = errors ? "error" : "warning";
    if (!this.list.hidden) this.fill();
  }

  async show() {
    if (!this.list.hidden) {
      this.list.hidden = true;
      return;
    }
    this.list.hidden = false;
    await this.run();
    this.fill();
  }

  fill() {
    const groups = [["error", this.t.errorsFound], ["warning", this.t.warningsFound]];
    const parts = groups.flatMap(([level, title]) => {
      const found = this.findings.filter((finding) => finding.level === level);
      return found.length ? [h("h3", { class: level === "error" ? "bad" : "warn" }, title), h("ul", {}, ...found.map((finding) => this.row(finding)))] : [];
    });
    this.list.replaceChildren(...(parts.length ? parts : [h("p", { class: "good" }, this.t.nothingFound)]));
  }

  row(finding) {
    const shape = this.modeler.get("elementRegistry").get(finding.element);
    const name = shape ? nameOf(shape, this.offers.canvas) : "";
    return h("li", {}, shape ? button(name, () => this.panel.select(shape), { css: "btn btn-sm btn-ghost" }) : null, h("span", {}, finding.text));
  }

  async askToPublish() {
    await this.saving.save();
    const found = await this.run();
    const errors = found.filter((finding) => finding.level === "error");
    const problems = this.dialog.querySelector("[data-publish-problems]");
    problems.hidden = !errors.length;
    problems.replaceChildren(...(errors.length ? [h("div", {}, h("strong", {}, this.t.publishFirst), h("ul", {}, ...errors.map((finding) => this.row(finding))))] : []));
    this.dialog.querySelector("button[value=publish]").disabled = errors.length > 0;
    problems.addEventListener("click", () => this.dialog.close(), { once: true });
    this.dialog.showModal();
  }

  async publish() {
    const comment = this.dialog.querySelector("[name=comment]").value;
    try {
      // A drawing nobody has changed yet is saved as it stands.
      if (!this.saving.revision) {
        this.saving.changed = true;
        await this.saving.save();
      }
      const answer = await this.ask(this.offers.urls.publish, { revision: this.saving.revision, comment });
      this.saving.changed = false;
      location.assign(answer.url);
    } catch (error) {
      this.dialog.close();
      const details = Object.values(error.answer?.errors ?? {});
      this.say([error.message, ...details].join(" "));
    }
  }
}
