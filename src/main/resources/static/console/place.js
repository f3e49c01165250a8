// What a place is, and what follows it.

import * as api from "./api.js";
import { follow } from "./browser.js";
import { bytes, duration, number, t } from "./text.js";
import { h } from "./dom.js";

export function describe(source, text, signal) {
  return api.get(api.ofSource(source, `/places?of=${encodeURIComponent(text)}`), signal);
}

/// Reads what lies between two places, without following what comes later: `{changes, rows, isAll}`. It ends after so
/// many rows or milliseconds.
export async function between(source, from, until, { most, milliseconds = 5_000, keep = 5, signal, parameters = {} }) {
  const stream = new AbortController();
  const leave = () => stream.abort();
  signal?.addEventListener("abort", leave);
  const alarm = setTimeout(leave, milliseconds);
  const found = { changes: [], rows: 0, tables: new Map(), firstTime: null, isAll: false };
  try {
    const all = { from, until, transactions: "true", ...parameters };
    for await (const event of follow(api.address(api.ofSource(source, "/events")), all, { signal: stream.signal, exactDigits: true })) {
      found.firstTime ??= event.timestamp ?? null;
      if (event.rows !== undefined && !event.control) {
        const table = `${event.event_schema}.${event.table}`;
        found.rows += event.rows.length;
        found.tables.set(table, (found.tables.get(table) ?? 0) + event.rows.length);
        if (found.changes.length < keep) {
          found.changes.push(event);
        }
      }
      if (event.control === "end") {
        found.isAll = true;
      }
      if (found.rows >= most) {
        break;
      }
    }
  } finally {
    clearTimeout(alarm);
    signal?.removeEventListener("abort", leave);
    stream.abort();
  }
  return found;
}

/// How long ago the next change was committed, in milliseconds; null if nothing follows.
export async function age(source, from, signal) {
  const { firstTime } = await between(source, from, "now", { most: 1, keep: 0, signal, parameters: { batch: 1 } });
  return firstTime === null ? null : Math.max(0, Date.now() - firstTime * 1_000);
}

/// For how long the server keeps what follows the place, in words.
export function keptFor({ available, kept_seconds: seconds }) {
  if (!available) {
    return h("span", { class: "bad" }, t("place.gone"));
  }
  if (seconds === null) {
    return h("span", { class: "soft" }, t("place.kept-unknown"));
  }
  const look = seconds < 3_600 ? "bad" : seconds < 21_600 ? "warn" : "";
  return h("span", { class: look }, t("place.kept", duration(seconds * 1_000)));
}

export function facts(place) {
  const rows = [
    [t("place.available"), place.available ? h("span", {}, t("place.yes"), " · ", keptFor(place)) : keptFor(place)],
    [t("place.position"), place.file ? `${place.file}:${place.position}` : null],
    [t("place.rows-before"), place.rows ? number(place.rows) : null],
    [t("place.gtids"), place.gtid_set],
    [t("place.lag"), place.lag_bytes === null ? null : bytes(place.lag_bytes)],
    [t("place.id"), place.event_id],
    [t("place.range"), `${place.oldest.file}:${place.oldest.position} – ${place.latest.file}:${place.latest.position}`],
  ];
  return h("dl", { class: "facts" }, rows.filter(([, value]) => value !== null && value !== undefined).map(([name, value]) => [h("dt", {}, name), h("dd", { class: typeof value === "string" && /[:_]|\w{30}/.test(value) ? "mono" : null }, value)]));
}
