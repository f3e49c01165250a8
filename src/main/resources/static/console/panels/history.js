// Every change of one row that the binlog still contains.

import * as api from "../api.js";
import { follow } from "../browser.js";
import { changeLine, changesTable } from "../changes.js";
import { codeTabs } from "../code.js";
import { Panel, empty, field, fill, h, problem, select } from "../dom.js";
import { chooseSource } from "../source.js";
import { duration, number, t } from "../text.js";

/// More are rather read by a program.
const MOST_LINES = 2_000;

const NUMBERS = new Set(["tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "year", "bit"]);
const BINARY = new Set(["binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"]);

class History extends Panel {
  async connectedCallback() {
    this.source = await chooseSource(this, () => this.load());
    if (!this.source) {
      return;
    }
    this.table = h("input", { required: true, list: "history-tables", spellcheck: "false", placeholder: "shop.orders", value: this.where.query.get("table") ?? "", on: { input: () => this.offerKey() } });
    this.names = h("datalist", { id: "history-tables" });
    this.key = h("div", { class: "key" });
    this.result = h("div", { class: "stack" });
    this.button = h("button", { class: "primary" }, t("history.read"));
    this.append(h("form", { class: "card", on: { submit: (event) => { event.preventDefault(); this.read(); } } },
      h("div", { class: "row with-fields" }, field(t("source"), this.source), field(t("history.table"), this.table), this.key,
        h("div", { class: "actions" }, this.button)), this.names,
      h("div", { class: "row folded" }, codeTabs(() => this.request(), !api.isOpen()))), this.result);
    this.result.append(empty(t("history.none"), t("history.none.about")));
    await this.load();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.stream?.abort();
  }

  async load() {
    try {
      this.tables = new Map((await api.tables(this.source.value, this.signal)).map((one) => [`${one.event_schema}.${one.table}`, one]));
    } catch (failure) {
      if (!this.signal.aborted) {
        this.result.replaceChildren(problem(failure));
      }
      return;
    }
    this.names.replaceChildren(...[...this.tables.keys()].slice(0, 2_000).map((name) => h("option", { value: name })));
    if (this.table.value === "" && this.tables.size > 0) {
      const [name] = [...this.tables].find(([, one]) => one.primary_key.length > 0) ?? [""];
      this.table.value = name;
    }
    this.offerKey();
  }

  /// A field for each column of the key, or one for a condition where there is no key.
  offerKey() {
    const table = this.tables?.get(this.table.value);
    const columns = table?.primary_key ?? [];
    const shape = `${this.table.value}|${columns}`;
    if (shape === this.shape) {
      return;
    }
    this.shape = shape;
    this.inputs = columns.map((name) => ({ name, type: table.columns.find((one) => one.name === name).type, input: h("input", { required: true, spellcheck: "false" }) }));
    this.condition = columns.length === 0 ? h("input", { spellcheck: "false", placeholder: "id = 17" }) : null;
    this.key.replaceChildren(...this.inputs.map(({ name, type, input }) => field(h("span", {}, name, " ", h("small", {}, type)), input)),
      ...(this.condition && table ? [field(t("history.condition"), this.condition, t("history.condition.help"))] : []));
  }

  request() {
    const table = this.tables?.get(this.table.value);
    const name = table ? api.tableName(table) : this.table.value;
    const key = (this.inputs ?? []).map((one) => `\`${one.name.replaceAll("`", "``")}\` = ${literal(one)}`).join(" and ");
    const condition = this.condition ? this.condition.value : key;
    return {
      path: api.ofSource(this.source.value, "/events"),
      parameters: { from: "earliest", until: "now", tables: name, where: condition ? [`${name}: ${condition}`] : [] },
    };
  }

  async read() {
    this.stream?.abort();
    const stream = (this.stream = new AbortController());
    const { table, body } = changesTable();
    const said = h("p", { class: "row", role: "status" });
    const stop = h("button", { type: "button", class: "small", on: { click: () => stream.abort() } }, t("stop"));
    const trouble = h("div", {});
    const card = h("div", { class: "card", hidden: true }, h("div", { class: "scroll" }, table));
    this.result.replaceChildren(said, trouble, card);
    const begun = performance.now();
    let rows = 0;
    const say = (text, isReading) => fill(said, text, isReading ? stop : null);
    const tell = () => say(t("history.reading", number(rows), duration(performance.now() - begun)), true);
    tell();
    const clock = setInterval(tell, 500);
    try {
      const { path, parameters } = this.request();
      for await (const event of follow(api.address(path), parameters, { signal: stream.signal, exactDigits: true })) {
        if (event.control === "error") {
          trouble.replaceChildren(problem({ message: event.detail, code: event.code }));
          break;
        }
        if (event.control === "truncate") {
          rows += 1;
        }
        if (event.rows === undefined || event.control) {
          continue;
        }
        card.hidden = false;
        event.rows.forEach((_, i) => body.append(changeLine(event, i, true)));
        rows += event.rows.length;
        if (rows >= MOST_LINES) {
          break;
        }
      }
      say(rows === 0 ? t("history.nothing") : rows >= MOST_LINES ? t("history.first", number(rows)) : t("history.all", number(rows)), false);
      said.dataset.done = String(rows);
    } catch (failure) {
      trouble.replaceChildren(problem(failure));
      say("", false);
    } finally {
      clearInterval(clock);
      stream.abort();
    }
  }
}

/// A value of a key as a condition has it.
function literal({ type, input }) {
  const value = input.value.trim();
  if (NUMBERS.has(type)) {
    return value === "" ? "0" : value;
  }
  if (BINARY.has(type)) {
    return /^x'.*'$/.test(value) ? value : `x'${value}'`;
  }
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}

customElements.define("fustor-history", History);
