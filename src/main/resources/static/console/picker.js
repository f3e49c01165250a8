// Chooses tables, and columns of them, out of thousands.

import { tableName, quoted } from "./api.js";
import { h } from "./dom.js";
import { number, shortNumber, t } from "./text.js";

/// More are found by their names.
const MOST_SHOWN = 200;

/// Fewer columns are seen at a glance.
const MANY_COLUMNS = 12;

export class TablePicker extends HTMLElement {
  #tables = [];
  #chosen = new Set();
  /// Chosen columns by table, where they are not all.
  #columns = new Map();
  /// Names of columns that are none of the tables, such as those with wildcards.
  #further = new Set();

  /// Whether a person changed the choice.
  isChanged = false;

  /// @param hasColumns whether columns can be chosen too
  /// @param hasStars whether `schema.table.*` may stand for the columns of a table, as in grants
  constructor(hasColumns = false, hasStars = false) {
    super();
    this.hasColumns = hasColumns;
    this.hasStars = hasStars;
    this.className = "picker";
  }

  connectedCallback() {
    if (this.firstChild) {
      return;
    }
    this.filter = h("input", { type: "search", placeholder: t("picker.filter"), "aria-label": t("picker.filter"), on: { input: () => this.render() } });
    this.count = h("span", { class: "help", role: "status" });
    this.list = h("ul", { class: "list", tabindex: "0", "aria-label": t("tables") });
    this.append(h("div", { class: "bar" }, this.filter, this.count,
      h("button", { type: "button", class: "quiet small", on: { click: () => this.clear() } }, t("picker.clear"))), this.list);
    this.render();
  }

  set tables(list) {
    this.#tables = list;
    if (this.list) {
      this.render();
    }
  }

  get tables() {
    return this.#tables;
  }

  /// The names as the parameter `tables` takes them; empty for all.
  get names() {
    return [...this.#chosen];
  }

  /// Chooses the tables of a parameter.
  choose(names) {
    this.#chosen = new Set(names.filter((name) => name !== ""));
    if (this.list) {
      this.render();
    }
  }

  /// Chooses the columns of the parameter `fields`.
  chooseFields(fields) {
    const left = new Set(fields);
    for (const table of this.#tables) {
      const name = tableName(table);
      const isWhole = left.delete(`${name}.*`);
      const columns = table.columns.map((one) => one.name).filter((one) => left.delete(`${name}.${quoted(one)}`));
      if (isWhole || columns.length > 0) {
        this.#chosen.add(name);
        if (!isWhole && columns.length < table.columns.length) {
          this.#columns.set(name, new Set(columns));
        }
      }
    }
    this.#further = left;
    this.render();
  }

  /// The names as the parameter `fields` takes them; empty where all columns are chosen. Once a column is left out, the
  /// parameter names those of every chosen table.
  get fields() {
    if (this.#further.size === 0 && ![...this.#columns.keys()].some((name) => this.#chosen.has(name))) {
      return [];
    }
    const known = new Map(this.#tables.map((table) => [tableName(table), table]));
    const ofTables = [...this.#chosen].flatMap((name) => {
      const some = this.#columns.get(name);
      if (!some && this.hasStars) {
        return [`${name}.*`];
      }
      const columns = known.get(name)?.columns.map((one) => one.name) ?? [...(some ?? [])];
      return columns.filter((one) => !some || some.has(one)).map((one) => `${name}.${quoted(one)}`);
    });
    return [...ofTables, ...this.#further];
  }

  /// Leaves columns out, as the parameter `without` names them.
  leaveOut(without) {
    const left = new Set(without);
    for (const table of this.#tables) {
      const name = tableName(table);
      const columns = table.columns.map((one) => one.name).filter((one) => !left.has(`${name}.${quoted(one)}`));
      if (columns.length < table.columns.length) {
        this.#columns.set(name, new Set(columns));
      }
    }
    this.render();
  }

  /// What was chosen as parameters of a request: the columns that come, or those that do not, whichever are fewer to name.
  get parameters() {
    const { fields, names } = this;
    if (fields.length === 0) {
      return { tables: names.join(",") || null, fields: null, without: null };
    }
    const known = new Map(this.#tables.map((table) => [tableName(table), table]));
    const without = names.flatMap((name) => {
      const some = this.#columns.get(name);
      return some ? known.get(name).columns.map((one) => one.name).filter((one) => !some.has(one)).map((one) => `${name}.${quoted(one)}`) : [];
    });
    return this.#further.size === 0 && without.length < fields.length
      ? { tables: names.join(","), fields: null, without: without.join(",") }
      : { tables: null, fields: fields.join(","), without: null };
  }

  clear() {
    this.#chosen.clear();
    this.#columns.clear();
    this.#further.clear();
    this.changed();
    this.render();
  }

  changed() {
    this.isChanged = true;
    this.showCount();
    this.dispatchEvent(new Event("change"));
  }

  showCount() {
    this.count.textContent = this.#chosen.size + this.#further.size === 0
      ? t("picker.all", number(this.#tables.length))
      : t("picker.some", number(this.#chosen.size), number(this.#tables.length));
  }

  render() {
    const wanted = this.filter.value.toLowerCase();
    const found = this.#tables.filter((table) => `${table.event_schema}.${table.table}`.toLowerCase().includes(wanted));
    found.sort((one, other) => this.#chosen.has(tableName(other)) - this.#chosen.has(tableName(one)));
    const rest = found.length - MOST_SHOWN;
    const known = new Set(this.#tables.map(tableName));
    this.list.replaceChildren(
      ...[...this.#chosen].filter((name) => !known.has(name)).map((name) => this.otherLine(name, this.#chosen)),
      ...[...this.#further].map((name) => this.otherLine(name, this.#further)),
      ...found.slice(0, MOST_SHOWN).map((table) => this.line(table)),
      ...(rest > 0 ? [h("li", { class: "help" }, t("picker.more", number(rest)))] : []),
      ...(found.length === 0 ? [h("li", { class: "help" }, t("picker.none"))] : []));
    this.showCount();
  }

  /// What is chosen, but none of the tables: a pattern, or a table that is gone.
  otherLine(name, names) {
    const id = `table-${name}`;
    const box = h("input", { type: "checkbox", id, checked: true, on: { change: () => {
      box.checked ? names.add(name) : names.delete(name);
      this.changed();
    } } });
    return h("li", {}, h("div", { class: "line" }, box, h("label", { for: id }, name)));
  }

  line(table) {
    const name = tableName(table);
    const id = `table-${name}`;
    const columns = h("div", { class: "columns", hidden: true });
    const box = h("input", { type: "checkbox", id, checked: this.#chosen.has(name), on: { change: () => {
      box.checked ? this.#chosen.add(name) : this.#chosen.delete(name);
      this.#columns.delete(name);
      columns.querySelectorAll("input[type=checkbox]").forEach((one) => (one.checked = true));
      this.changed();
    } } });
    const rows = table.estimated_rows > 0 ? h("span", { class: "help" }, t("picker.rows", shortNumber(table.estimated_rows))) : null;
    const line = h("li", {}, h("div", { class: "line" }, box, h("label", { for: id }, `${table.event_schema}.${table.table}`), rows));
    if (this.hasColumns) {
      const button = h("button", { type: "button", class: "quiet small", "aria-expanded": "false", on: { click: () => {
        columns.hidden = !columns.hidden;
        button.setAttribute("aria-expanded", String(!columns.hidden));
        if (!columns.firstChild) {
          columns.append(...this.columns(table, box));
        }
      } } }, t("picker.columns", number(table.columns.length)));
      line.firstChild.append(button);
      line.append(columns);
    }
    return line;
  }

  /// The columns of a table, with a way to find one of very many.
  columns(table, tableBox) {
    const name = tableName(table);
    const all = table.columns.map((one) => one.name);
    // A table without a column is not chosen.
    const choose = () => {
      const some = new Set(items.filter((one) => one.box.checked).map((one) => one.column));
      some.size === all.length ? this.#columns.delete(name) : this.#columns.set(name, some);
      some.size === 0 ? this.#chosen.delete(name) : this.#chosen.add(name);
      tableBox.checked = some.size > 0;
      this.changed();
    };
    const items = all.map((column) => {
      const box = h("input", { type: "checkbox", checked: this.#columns.get(name)?.has(column) ?? true, on: { change: choose } });
      return { box, column, line: h("li", {}, h("label", {}, box, h("span", {}, column))) };
    });
    const list = h("ul", {}, items.map((one) => one.line));
    if (all.length <= MANY_COLUMNS) {
      return [list];
    }
    const filter = h("input", { type: "search", placeholder: t("picker.column"), "aria-label": t("picker.column"), on: { input: () => {
      const wanted = filter.value.toLowerCase();
      items.forEach((one) => (one.line.hidden = !one.column.toLowerCase().includes(wanted)));
    } } });
    // What is not found stays as it is.
    const set = (isChosen) => () => {
      items.filter((one) => !one.line.hidden).forEach((one) => (one.box.checked = isChosen));
      choose();
    };
    return [h("div", { class: "bar" }, filter,
      h("button", { type: "button", class: "quiet small", on: { click: set(true) } }, t("picker.all-columns")),
      h("button", { type: "button", class: "quiet small", on: { click: set(false) } }, t("picker.no-columns"))), list];
  }
}

customElements.define("fustor-picker", TablePicker);
