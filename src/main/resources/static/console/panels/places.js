// Says what a place is, in whatever form a person has it.

import * as api from "../api.js";
import { changeLine, changesTable } from "../changes.js";
import { Panel, copyButton, empty, field, h, problem } from "../dom.js";
import { between, describe, facts } from "../place.js";
import { chooseSource } from "../source.js";
import { number, t } from "../text.js";

class Places extends Panel {
  async connectedCallback() {
    const source = await chooseSource(this, () => this.found.replaceChildren());
    if (!source) {
      return;
    }
    const text = h("textarea", { rows: "2", required: true, spellcheck: "false", value: this.where.query.get("of") ?? "" });
    this.found = h("div", { class: "stack", "aria-live": "polite" });
    const submit = async (event) => {
      event.preventDefault();
      this.found.replaceChildren(h("p", { class: "soft" }, t("looking")));
      await this.look(source.value, text.value.trim());
    };
    this.append(h("form", { class: "card", on: { submit } },
      h("div", { class: "form" }, field(t("source"), source), field(t("places.text"), text, t("places.text.help"))),
      h("div", { class: "actions" }, h("button", { class: "primary" }, t("places.look"))),
    ), this.found);
    this.found.append(empty(t("places.none"), t("places.none.about")));
    if (text.value) {
      await this.look(source.value, text.value);
    }
  }

  async look(source, text) {
    let place;
    try {
      place = await describe(source, text, this.signal);
    } catch (failure) {
      this.found.replaceChildren(problem(failure));
      return;
    }
    const next = h("div", { class: "stack" });
    this.found.replaceChildren(h("section", { class: "card", "data-place": place.kind },
      h("h2", {}, t(`place.kind.${place.kind}`)),
      place.error ? problem({ message: place.error.detail, code: place.error.code }) : null,
      facts(place),
      place.event_id ? h("div", { class: "actions" },
        h("a", { class: "button primary", href: `#/live?${new URLSearchParams({ source, from: place.event_id })}` }, t("places.watch")),
        copyButton(place.event_id, t("places.copy"))) : null), next);
    if (place.event_id) {
      await this.follow(source, place.event_id, next);
    }
  }

  async follow(source, id, next) {
    try {
      const { changes, rows } = await between(source, id, "now", { most: 5, signal: this.signal, parameters: { batch: 5 } });
      if (rows === 0) {
        next.append(h("p", { class: "notice" }, t("places.nothing-follows")));
        return;
      }
      const { table, body } = changesTable();
      body.append(...changes.flatMap((change) => change.rows.map((_, i) => changeLine(change, i, true))).slice(0, 5));
      table.classList.add("dated");
      next.append(h("section", { class: "card" }, h("h2", {}, t("places.next", number(Math.min(5, rows)))), h("div", { class: "scroll" }, table)));
    } catch (failure) {
      if (!this.signal.aborted) {
        next.append(problem(failure));
      }
    }
  }
}

customElements.define("fustor-places", Places);
