// Shows changes: what happened to which row, with the cells that changed.

import { h } from "./dom.js";
import { clock, day, moment, number, t } from "./text.js";

/// Cells of a row that are shown before a person asks for all of them.
const FIRST_CELLS = 12;
const LONGEST_VALUE = 120;

export function changesTable() {
  const body = h("tbody", {});
  const table = h("table", { class: "changes" },
    h("thead", {}, h("tr", {},
      h("th", { scope: "col", class: "when" }, t("changes.time")),
      h("th", { scope: "col", class: "what" }, t("changes.change")),
      h("th", { scope: "col", class: "whose" }, t("changes.row")),
      h("th", { scope: "col" }, t("changes.values")))),
    body);
  return { table, body };
}

/// The line of one row of a change.
///
/// @param isDated whether its day is shown too
export function changeLine(change, index, isDated = false) {
  const row = change.rows[index];
  const before = change.before_rows?.[index] ?? null;
  const key = change.metadata.primary_key;
  const when = new Date(change.timestamp * 1_000);
  const cells = h("td", {}, compact(change, row, before, key));
  return h("tr", {},
    h("td", { class: "when" }, h("span", { title: moment(when), class: "mono" }, isDated ? `${day(when)} ${clock(when)}` : clock(when))),
    h("td", { class: "what" }, operation(change)),
    h("td", { class: "whose" }, `${change.event_schema}.${change.table}`,
      h("div", { class: "mono soft" }, key.map((name) => `${name}=${text(row[name])}`).join(" "))),
    cells);
}

/// A line for what is no row, such as an emptied table.
export function noteLine(what, whose, words, isBad = false) {
  return h("tr", {}, h("td", { class: "when mono" }, clock(new Date())),
    h("td", { class: "what" }, h("span", { class: `op ${isBad ? "delete" : ""}` }, what)), h("td", { class: "whose" }, whose), h("td", {}, words));
}

function operation(change) {
  const isOfSnapshot = change.message_source === "snapshot";
  const { entered, left } = change.metadata;
  const name = isOfSnapshot ? "row" : entered ? "entered" : left ? "left" : change.event_type;
  return h("span", { class: `op ${isOfSnapshot ? "" : change.event_type}` }, t(`op.${name}`));
}

/// The key is shown already. Of an update, what changed.
function compact(change, row, before, key) {
  const all = Object.keys(row);
  const changed = before ? all.filter((name) => !isSame(row[name], before[name])) : null;
  const names = changed ?? all.filter((name) => !key.includes(name));
  const shown = names.slice(0, FIRST_CELLS);
  const cells = h("div", { class: "cells" }, shown.map((name) => h("span", {}, h("b", {}, `${name} `), before ? [h("del", {}, value(before[name])), " → ", h("ins", {}, value(row[name]))] : value(row[name]))));
  if (changed ? all.length > key.length + changed.length || changed.length > shown.length : names.length > shown.length) {
    const button = h("button", { class: "quiet small", "aria-expanded": "false", on: { click: () => {
      const open = cells.nextElementSibling;
      if (open) {
        open.remove();
      } else {
        cells.after(whole(row, before));
      }
      button.setAttribute("aria-expanded", String(!open));
    } } }, t("changes.all", number(all.length)));
    cells.append(button);
  }
  return cells;
}

function whole(row, before) {
  return h("table", { class: "whole" },
    before ? h("thead", {}, h("tr", {}, [t("changes.column"), t("changes.before"), t("changes.after")].map((name) => h("th", { scope: "col" }, name)))) : null,
    h("tbody", {}, Object.keys(row).map((name) => {
      const differs = before && !isSame(row[name], before[name]);
      return h("tr", {}, h("td", {}, name),
        before ? h("td", {}, differs ? h("del", {}, value(before[name], true)) : value(before[name], true)) : null,
        h("td", {}, differs ? h("ins", {}, value(row[name], true)) : value(row[name], true)));
    })));
}

function isSame(one, other) {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function text(cell) {
  return typeof cell === "string" ? cell : JSON.stringify(cell) ?? "";
}

function value(cell, isWhole = false) {
  if (cell === null) {
    return h("span", { class: "null" }, "NULL");
  }
  const shown = text(cell);
  return isWhole || shown.length <= LONGEST_VALUE ? shown : `${shown.slice(0, LONGEST_VALUE)}…`;
}
