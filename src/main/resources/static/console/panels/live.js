// A feed as it arrives. What comes faster than a screen can show is counted, not kept.

import * as api from "../api.js";
import { follow } from "../browser.js";
import { changeLine, changesTable, noteLine } from "../changes.js";
import { codeTabs } from "../code.js";
import { Panel, checkbox, empty, field, fill, h, problem, select } from "../dom.js";
import { TablePicker } from "../picker.js";
import { duration, number, shortNumber, t } from "../text.js";

/// Lines that are kept on the page.
const LONGEST_LIST = 200;

/// Lines that one painting adds, and the time between two of them.
const MOST_NEW = 40;
const PAINT_PAUSE = 200;

/// New lines that are marked as such.
const MOST_MARKED = 5;

const OPERATIONS = ["insert", "update", "delete"];

class Live extends Panel {
  async connectedCallback() {
    this.stream = null;
    this.forget();
    try {
      this.sources = (await api.get("/api/sources", this.signal)).filter((one) => one.enabled).map((one) => one.id);
    } catch (failure) {
      this.append(problem(failure));
      return;
    }
    if (this.sources.length === 0) {
      this.append(empty(t("live.no-source"), t("live.no-source.about"), api.isAdmin() ? h("a", { class: "button primary", href: "#/add" }, t("add.title")) : null));
      return;
    }
    this.build();
    await this.load();
    if (this.where.query.has("source") && !this.signal.aborted) {
      this.start();
    }
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.stream?.abort();
    clearInterval(this.painter);
  }

  build() {
    const asked = this.where.query;
    this.source = select(this.sources.map((id) => [id, id]), asked.get("source") ?? this.sources[0], { on: { change: () => this.load() } });
    this.picker = new TablePicker(true);
    this.picker.addEventListener("change", () => this.summarize());
    const ops = asked.get("ops")?.split(",") ?? OPERATIONS;
    this.ops = OPERATIONS.map((name) => ({ name, ...checkbox(t(`op.${name}`), ops.includes(name)) }));
    this.conditions = h("textarea", { rows: "2", spellcheck: "false", placeholder: "shop.orders: status = 'new' and total >= 100", value: asked.getAll("where").join("\n") });
    const from = asked.get("from");
    const kind = asked.get("snapshot") ? "snapshot" : !from ? "now" : from === "earliest" ? "earliest" : /^\d{4}-/.test(from) ? "time" : "place";
    this.kind = select(["now", "snapshot", "earliest", "time", "place"].map((key) => [key, t(`live.from.${key}`)]), kind, { on: { change: () => this.offerPlace() } });
    this.moment = h("input", { type: "datetime-local", step: "1", value: kind === "time" ? localTime(from) : "" });
    this.place = h("input", { spellcheck: "false", value: kind === "place" ? from : "" });
    this.momentField = field(t("live.from.time"), this.moment);
    this.placeField = field(t("live.place"), this.place);
    this.tableSummary = h("summary", {});
    this.startButton = h("button", { type: "submit", class: "primary" }, t("start"));
    this.pauseButton = h("button", { type: "button", hidden: true, on: { click: () => this.pause() } }, t("live.pause"));
    this.figures = h("div", { class: "row", "data-live": "idle" });
    this.said = h("div", {});
    this.progress = h("div", { class: "stack", hidden: true });
    const { table, body } = changesTable();
    this.body = body;
    this.table = h("div", { class: "card", hidden: true }, h("div", { class: "scroll" }, table));
    this.hint = empty(t("live.none"), t("live.none.about"));
    this.append(
      h("form", { class: "card", on: { submit: (event) => { event.preventDefault(); this.start(); } } },
        h("div", { class: "row with-fields" }, field(t("source"), this.source), field(t("live.from"), this.kind), this.momentField, this.placeField,
          h("div", { class: "actions" }, this.startButton, this.pauseButton)),
        h("div", { class: "row folded" },
          h("details", { class: "choose-tables" }, this.tableSummary, this.picker),
          h("details", { open: asked.has("where") || asked.has("ops") }, h("summary", {}, t("live.filter")),
            h("div", { class: "stack" },
              h("div", { class: "row", role: "group", "aria-label": t("operations") }, this.ops.map((one) => one.whole)),
              field(t("live.where"), this.conditions, t("live.where.help")))),
          codeTabs(() => this.request(), !api.isOpen()))),
      this.said, this.figures, this.progress, this.table, this.hint);
    this.offerPlace();
    this.summarize();
  }

  offerPlace() {
    this.momentField.hidden = this.kind.value !== "time";
    this.placeField.hidden = this.kind.value !== "place";
  }

  /// The tables of the source, which are there to choose from; a feed needs none of it.
  async load() {
    const source = this.source.value;
    try {
      const tables = await api.tables(source, this.signal);
      if (source !== this.source.value) {
        return;
      }
      this.picker.tables = tables;
      const asked = this.where.query;
      const isAsked = asked.get("source") === source;
      this.picker.choose(isAsked ? (asked.get("tables") ?? "").split(",") : []);
      if (isAsked && asked.get("fields")) {
        this.picker.chooseFields(asked.get("fields").split(","));
      }
      if (isAsked && asked.get("without")) {
        this.picker.leaveOut(asked.get("without").split(","));
      }
      this.said.replaceChildren();
    } catch (failure) {
      if (!this.signal.aborted) {
        this.picker.tables = [];
        this.said.replaceChildren(problem(failure));
      }
    }
    this.summarize();
  }

  summarize() {
    const { names } = this.picker;
    const text = names.length === 0 ? t("live.tables.all") : names.length <= 3 ? names.join(", ") : t("live.tables.some", number(names.length));
    this.tableSummary.textContent = `${t("tables")}: ${text}`;
  }

  /// The parameters that were chosen.
  request() {
    const ops = this.ops.filter((one) => one.box.checked).map((one) => one.name);
    const parameters = {
      ...this.picker.parameters,
      where: this.conditions.value.split("\n").map((line) => line.trim()).filter((line) => line !== ""),
      ops: ops.length === OPERATIONS.length ? null : ops.join(",") || null,
      snapshot: this.kind.value === "snapshot" ? "initial" : null,
      from: this.from(),
    };
    return { path: api.ofSource(this.source.value, "/events"), parameters };
  }

  from() {
    switch (this.kind.value) {
      case "earliest":
        return "earliest";
      case "time":
        return this.moment.value === "" ? null : new Date(this.moment.value).toISOString();
      case "place":
        return this.place.value.trim() || null;
      default:
        return null;
    }
  }

  forget() {
    this.total = 0;
    this.skipped = 0;
    this.pending = [];
    this.lastId = null;
    this.counted = { when: performance.now(), total: 0, rate: 0 };
    this.snapshot = null;
  }

  start() {
    this.forget();
    this.body.replaceChildren();
    this.progress.hidden = true;
    const { parameters } = this.request();
    this.remember(parameters);
    this.run();
  }

  /// The address of the page says what it shows.
  remember(parameters) {
    const query = new URLSearchParams({ source: this.source.value });
    for (const [name, value] of Object.entries(parameters)) {
      [value].flat().filter((one) => one !== null).forEach((one) => query.append(name, one));
    }
    history.replaceState(null, "", `#/live?${query}`);
  }

  async run() {
    this.stream?.abort();
    const stream = (this.stream = new AbortController());
    this.said.replaceChildren();
    this.table.hidden = false;
    this.hint.hidden = true;
    this.pauseButton.hidden = false;
    this.pauseButton.textContent = t("live.pause");
    this.startButton.textContent = t("live.restart");
    this.startButton.className = "";
    this.isPaused = false;
    this.painter ??= setInterval(() => this.paint(), PAINT_PAUSE);
    const { path, parameters } = this.request();
    try {
      const options = { signal: stream.signal, lastEventId: this.lastId, longestPause: 5_000, exactDigits: true, onState: (state) => this.stream === stream && this.say(state) };
      for await (const event of follow(api.address(path), parameters, options)) {
        if (stream.signal.aborted) {
          break;
        }
        this.take(event);
      }
    } catch (failure) {
      if (!stream.signal.aborted) {
        this.said.replaceChildren(problem(failure));
        this.state = { look: "bad", text: t("live.state.ended") };
        this.pauseButton.hidden = true;
        if (failure.status === 401) {
          window.dispatchEvent(new Event("signed-out"));
        }
      }
    }
    this.paint();
  }

  say({ state, error, reason, wait }) {
    const looks = { open: "good", waiting: "warn", reconnecting: "warn", ended: "" };
    this.state = {
      look: looks[state] ?? "",
      text: state === "waiting" ? t("live.state.waiting", duration(wait)) : t(`live.state.${state}`),
    };
    if (state === "open") {
      this.said.replaceChildren();
    } else if (state === "waiting" && error) {
      this.said.replaceChildren(h("p", { class: "notice warn" }, error.code ? error.message : t("live.away")));
    } else if (state === "ended" && reason) {
      this.pauseButton.hidden = true;
    }
    this.showFigures();
  }

  pause() {
    this.isPaused = !this.isPaused;
    if (!this.isPaused) {
      this.run();
      return;
    }
    this.stream.abort();
    this.paint();
    this.pauseButton.textContent = t("live.continue");
    this.state = { look: "", text: t("live.state.paused") };
    this.showFigures();
  }

  take(event) {
    this.lastId = event.event_id ?? this.lastId;
    if (event.rows !== undefined && event.control === undefined) {
      this.total += event.rows.length;
      this.push(event);
    } else if (event.control !== "heartbeat") {
      this.note(event);
    }
  }

  /// Keeps the newest ones only.
  push(change) {
    const first = Math.max(0, change.rows.length - MOST_NEW);
    this.skipped += first;
    for (let i = first; i < change.rows.length; i++) {
      this.pending.push({ change, i });
    }
    const over = this.pending.length - MOST_NEW;
    if (over > 0) {
      this.pending.splice(0, over).forEach((one) => (this.skipped += one.change ? 1 : 0));
    }
  }

  note(event) {
    const whose = event.event_schema ? `${event.event_schema}.${event.table}` : "";
    switch (event.control) {
      case "truncate":
        this.pending.push({ line: noteLine(t("op.truncate"), whose, "", true) });
        break;
      case "schema_changed":
        this.pending.push({ line: noteLine(t("op.columns"), whose, event.columns.map((one) => `${one.name} ${one.type}`).join(", ")) });
        break;
      case "position_lost":
      case "error":
        this.said.replaceChildren(problem({ message: event.detail, code: event.code }));
        break;
      case "snapshot_started":
        this.snapshot = { tables: new Map(event.tables.map((one) => [`${one.event_schema}.${one.table}`, { rows: 0, estimate: one.estimated_rows }])), isDone: false };
        break;
      case "snapshot_progress":
      case "snapshot_completed":
        event.tables.forEach((one) => {
          const known = this.snapshot?.tables.get(`${one.event_schema}.${one.table}`);
          if (known) {
            known.rows = one.rows_read;
            known.estimate = one.estimated_rows ?? one.rows_read;
          }
        });
        if (this.snapshot) {
          this.snapshot.isDone = event.control === "snapshot_completed";
        }
        break;
      default:
    }
  }

  paint() {
    if (document.hidden || this.signal.aborted) {
      return;
    }
    const lines = this.pending.splice(0).map((one) => one.line ?? changeLine(one.change, one.i));
    if (lines.length > 0) {
      // A screen that changes as a whole needs no sign of what is new, and painting it would cost more than all else.
      lines.forEach((line) => line.classList.toggle("new", lines.length <= MOST_MARKED));
      this.body.prepend(...lines.reverse());
      while (this.body.rows.length > LONGEST_LIST) {
        this.body.deleteRow(-1);
      }
    }
    this.showFigures();
    this.showProgress();
  }

  showFigures() {
    const now = performance.now();
    if (now - this.counted.when >= 1_000) {
      const rate = ((this.total - this.counted.total) * 1_000) / (now - this.counted.when);
      this.counted = { when: now, total: this.total, rate };
    }
    const text = [this.state?.text, this.total, this.skipped, Math.round(this.counted.rate)].join("|");
    if (text === this.shownFigures) {
      return;
    }
    this.shownFigures = text;
    this.figures.dataset.live = this.state?.text ?? "idle";
    fill(this.figures,
      this.state ? h("span", { class: `state ${this.state.look}`, role: "status" }, this.state.text) : null,
      h("data", { value: String(this.total), class: "total" }, t("live.rows", number(this.total))),
      h("span", {}, t("live.rate", shortNumber(this.counted.rate))),
      this.skipped > 0 ? h("data", { value: String(this.skipped), class: "skipped warn" }, t("live.skipped", number(this.skipped))) : null);
  }

  showProgress() {
    this.progress.hidden = !this.snapshot;
    if (!this.snapshot || this.snapshot.shown === "done") {
      return;
    }
    const { tables, isDone } = this.snapshot;
    this.snapshot.shown = isDone ? "done" : "reading";
    if (isDone) {
      const rows = [...tables.values()].reduce((sum, one) => sum + one.rows, 0);
      this.progress.replaceChildren(h("p", { "data-snapshot": "done" }, t("live.snapshot.done", number(rows), number(tables.size))));
      return;
    }
    const lines = [...tables].slice(0, 50).map(([name, { rows, estimate }]) => h("div", { class: "field" },
      h("div", { class: "row" }, h("span", {}, name), h("span", { class: "soft end" }, t("live.of-rows", number(rows), number(Math.max(rows, estimate))))),
      h("progress", { max: String(Math.max(rows, estimate, 1)), value: rows, "aria-label": name })));
    this.progress.replaceChildren(h("div", { class: "card", "data-snapshot": "reading" }, h("h2", {}, t("live.snapshot")), lines));
  }
}

/// A time as an input of the page takes it.
function localTime(text) {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? "" : new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

customElements.define("fustor-live", Live);
