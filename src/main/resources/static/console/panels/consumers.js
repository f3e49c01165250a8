// Who reads a source, how far each one is, and the way back.

import * as api from "../api.js";
import { changeLine, changesTable } from "../changes.js";
import { Panel, announce, confirm, empty, field, fill, h, head, problem, time } from "../dom.js";
import { age, between, describe, keptFor } from "../place.js";
import { chooseSource } from "../source.js";
import { bytes, duration, number, t } from "../text.js";

/// For how many checkpoints the page asks how old their places are; each costs a look into the binlog.
const MOST_AGES = 20;

/// Where the preview of a rewind stops to count.
const MOST_PREVIEWED = 20_000;

class Consumers extends Panel {
  async connectedCallback() {
    this.source = await chooseSource(this, () => this.load());
    if (!this.source) {
      return;
    }
    this.checkpoints = h("div", { class: "stack" });
    this.streams = h("div", { class: "stack" });
    this.append(h("div", { class: "form" }, field(t("source"), this.source)),
      h("section", { class: "card" }, h("div", { class: "row" }, h("h2", {}, t("consumers.checkpoints")), h("button", { class: "small end", on: { click: () => this.load() } }, t("refresh"))), this.checkpoints),
      h("section", { class: "card" }, h("h2", {}, t("consumers.streams")), this.streams));
    await this.load();
    this.repeat(() => this.loadStreams(), 2_000);
  }

  async load() {
    const source = this.source.value;
    try {
      const list = await api.get(api.ofSource(source, "/checkpoints?limit=200"), this.signal);
      this.show(source, list);
      await this.loadStreams();
      await this.loadAges(source, list);
    } catch (failure) {
      if (!this.signal.aborted) {
        this.checkpoints.replaceChildren(problem(failure));
      }
    }
  }

  show(source, list) {
    if (list.length === 0) {
      this.checkpoints.replaceChildren(empty(t("consumers.none"), t("consumers.none.about")));
      return;
    }
    this.lines = new Map();
    this.checkpoints.replaceChildren(h("div", { class: "scroll" }, h("table", {},
      h("thead", {}, head(t("consumers.name"), t("consumers.stored"), t("lag"), t("consumers.left"), "")),
      h("tbody", {}, list.map((one) => this.line(source, one))))));
  }

  line(source, one) {
    const lag = h("td", {}, one.lag_bytes === null ? "–" : h("span", {}, bytes(one.lag_bytes)), h("div", { class: "soft" }));
    const kept = h("td", {}, one.available === false ? keptFor({ available: false }) : h("span", { class: "soft" }, "…"));
    this.lines.set(one, { lag: lag.lastChild, kept });
    const line = h("tr", { "data-consumer": one.consumer },
      h("td", { class: "name" }, one.consumer, one.owner ? h("div", { class: "soft" }, one.owner) : null),
      h("td", {}, time(new Date(one.updated))), lag, kept,
      h("td", {}, h("div", { class: "actions" },
        h("button", { class: "small", on: { click: () => this.rewind(source, one, line) } }, t("consumers.rewind")),
        h("button", { class: "small danger", on: { click: () => this.remove(source, one) } }, t("delete")))));
    return line;
  }

  async loadAges(source, list) {
    for (const one of list.slice(0, MOST_AGES)) {
      const { lag, kept } = this.lines?.get(one) ?? {};
      if (!kept?.isConnected || one.available === false) {
        continue;
      }
      try {
        kept.replaceChildren(keptFor(await describe(source, one.position, this.signal)));
        const milliseconds = one.lag_bytes === 0 ? null : await age(source, one.position, this.signal);
        lag.textContent = milliseconds === null ? t("consumers.up-to-date") : duration(milliseconds);
      } catch {
        // The list says already what is known.
        kept.replaceChildren("–");
      }
    }
  }

  async loadStreams() {
    const state = await api.get(api.ofSource(this.source.value), this.signal).catch(() => null);
    if (!state) {
      return;
    }
    if (state.subscribers.length === 0) {
      this.streams.replaceChildren(h("p", { class: "soft" }, t("consumers.no-stream")));
      return;
    }
    this.streams.replaceChildren(h("div", { class: "scroll" }, h("table", {},
      h("thead", {}, head(t("state"), t("since"), t("consumers.selection"), t("consumers.place"), [t("lag")], [t("rows")], [t("sent")])),
      h("tbody", {}, state.subscribers.slice(0, 200).map((one) => h("tr", {},
        h("td", {}, t(`stream.${one.state}`)),
        h("td", {}, time(new Date(one.since))),
        h("td", { class: "name" }, selection(one.filter)),
        h("td", { class: "mono" }, `${one.position.file}:${one.position.position}`),
        h("td", { class: "number" }, duration(one.lag_ms)),
        h("td", { class: "number" }, number(one.rows)),
        h("td", { class: "number" }, bytes(one.bytes))))))));
  }

  path(source, one, query = {}) {
    const all = new URLSearchParams({ ...query, ...(one.owner ? { owner: one.owner } : {}) }).toString();
    return api.ofSource(source, `/checkpoints/${encodeURIComponent(one.consumer)}${all ? `?${all}` : ""}`);
  }

  async remove(source, one) {
    if (await confirm(t("consumers.delete", one.consumer), t("consumers.delete.about"), t("delete"))) {
      await this.act(() => api.send("DELETE", this.path(source, one)));
    }
  }

  async act(action) {
    try {
      await action();
      announce(t("done"));
    } catch (failure) {
      this.checkpoints.prepend(problem(failure));
      return;
    }
    await this.load();
  }

  /// Opens a form below the consumer's line, or closes it.
  rewind(source, one, line) {
    if (line.nextElementSibling?.classList.contains("rewind")) {
      line.nextElementSibling.remove();
      return;
    }
    const text = h("input", { required: true, spellcheck: "false", placeholder: new Date(Date.now() - 3_600_000).toISOString().slice(0, 19) + "Z" });
    const preview = h("div", { class: "stack", "aria-live": "polite" });
    const submit = async (event) => {
      event.preventDefault();
      preview.replaceChildren(h("p", { class: "soft" }, t("looking")));
      await this.preview(source, one, text.value.trim(), preview);
    };
    line.after(h("tr", { class: "rewind" }, h("td", { colspan: "5" }, h("form", { class: "stack", on: { submit } },
      h("div", { class: "form" }, field(t("consumers.rewind-to"), text, t("places.text.help"))),
      h("div", { class: "actions" }, h("button", { class: "primary" }, t("consumers.preview"))), preview))));
    text.focus();
  }

  async preview(source, one, text, preview) {
    try {
      const place = await describe(source, text, this.signal);
      if (!place.event_id) {
        preview.replaceChildren(problem({ message: place.error.detail, code: place.error.code }));
        return;
      }
      const again = await between(source, place.event_id, one.position, { most: MOST_PREVIEWED, signal: this.signal });
      const { table, body } = changesTable();
      body.append(...again.changes.flatMap((change) => change.rows.slice(0, 5).map((_, i) => changeLine(change, i, true))).slice(0, 5));
      const count = again.isAll ? t("consumers.again", number(again.rows)) : t("consumers.again-at-least", number(again.rows));
      fill(preview,
        h("p", { class: again.rows === 0 ? "notice warn" : "notice" }, again.rows === 0 && again.isAll ? t("consumers.not-before") : count),
        again.rows > 0 ? h("ul", { class: "facts" }, [...again.tables].slice(0, 20).map(([name, rows]) => [h("li", {}, name), h("span", {}, t("live.rows", number(rows)))])) : null,
        again.rows > 0 ? h("div", { class: "scroll" }, table) : null,
        h("div", { class: "actions" }, h("button", { type: "button", class: "danger", on: { click: () => this.act(() => api.send("PUT", this.path(source, one, { rewind: "true" }), { position: place.event_id })) } }, t("consumers.move"))));
    } catch (failure) {
      preview.replaceChildren(problem(failure));
    }
  }
}

function selection({ tables, fields, without, ops, where }) {
  return [
    h("div", {}, tables.join(", ") || t("all-tables")),
    fields.length > 0 ? h("div", { class: "soft" }, t("consumers.columns", number(fields.length))) : null,
    without.length > 0 ? h("div", { class: "soft" }, t("consumers.without", number(without.length))) : null,
    ops.length < 3 ? h("div", { class: "soft" }, ops.map((one) => t(`op.${one}`)).join(", ")) : null,
    ...where.map((one) => h("div", { class: "mono soft" }, one)),
  ];
}

customElements.define("fustor-consumers", Consumers);
