// Saves by itself a moment after every change; tells when somebody else saved in between.
import { button, h } from "./dom.js";

const PAUSE = 1200; // milliseconds after the last change
const AGAIN = 15000;

export class Saving {
  constructor(house, begun) {
    Object.assign(this, house);
    this.t = house.offers.texts;
    this.revision = begun.revision;
    this.changed = false;
    this.stopped = false;
    this.state = house.box.querySelector("[data-state]");
    this.tell(begun.revision ? this.t.saved : this.t.asPublished);
    this.modeler.on("commandStack.changed", () => this.touch());
    addEventListener("beforeunload", (event) => {
      if (this.changed) event.preventDefault();
    });
  }

  tell(text) {
    this.state.textContent = text;
    this.state.dataset.saved = String(!this.changed);
  }

  touch() {
    this.changed = true;
    this.edits = (this.edits ?? 0) + 1;
    this.tell(this.t.unsaved);
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this.save(), PAUSE);
  }

  async xml() {
    return (await this.modeler.saveXML({ format: true })).xml;
  }

  /** Saves what is drawn now; one at a time, in order. */
  save(over = false) {
    this.queue = (this.queue ?? Promise.resolve()).then(() => this.send(over));
    return this.queue;
  }

  async send(over) {
    if ((!this.changed && !over) || (this.stopped && !over)) return !this.changed;
    clearTimeout(this.timer);
    const edits = this.edits;
    this.tell(this.t.saving);
    try {
      const answer = await this.ask(this.offers.urls.save, { bpmn: await this.xml(), revision: this.revision, over });
      this.revision = answer.revision;
      this.stopped = false;
      if (edits === this.edits) this.changed = false;
      this.tell(this.changed ? this.t.unsaved : this.t.saved);
      if (over) this.say();
      return !this.changed;
    } catch (error) {
      this.tell(this.t.unsaved);
      if (error.answer?.code === "draft_changed") this.conflict(error.answer);
      else {
        this.say(error.answer?.title ?? this.t.notSaved);
        if (!error.answer?.code) this.timer = setTimeout(() => this.save(), AGAIN);
      }
      return false;
    }
  }

  conflict(answer) {
    this.stopped = true;
    const person = answer.details?.person ?? "";
    this.say(
      h("div", {}, person && person !== "—" ? this.t.conflict.replace("%s", person) : this.t.conflictGone),
      h(
        "div",
        { class: "cluster" },
        button(this.t.saveMine, () => this.takeOver(answer.details?.revision ?? 0), { css: "btn btn-sm btn-primary" }),
        button(this.t.loadTheirs, () => {
          this.changed = false;
          location.reload();
        }),
        button(this.t.downloadMine, async () => this.download(await this.xml())),
      ),
    );
  }

  async takeOver(revision) {
    this.revision = revision;
    await this.save(true);
  }
}
