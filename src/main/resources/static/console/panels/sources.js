// Every source: its state and the reason for it, lag, rows per second, streams, and warnings.

import * as api from "../api.js";
import { Panel, announce, confirm, empty, fill, h, head, problem, sparkline, time } from "../dom.js";
import { bytes, duration, number, shortNumber, t } from "../text.js";

const PAUSE = 2_000;

/// The last two minutes.
const SAMPLES = 60;

/// Rows read, by source; it outlives the panel.
const seen = new Map();

const LOOKS = { STREAMING: "good", STARTING: "warn", RECONNECTING: "warn", POSITION_LOST: "bad", FAILED: "bad" };

class Sources extends Panel {
  connectedCallback() {
    this.cards = new Map();
    this.append(this.list = h("div", { class: "stack" }));
    this.repeat(() => this.look(), PAUSE);
  }

  async look() {
    try {
      const [sources, configs, status] = await Promise.all([
        api.get("/api/sources", this.signal),
        api.get("/api/configs/sources", this.signal),
        api.get("/api/instances/status", this.signal),
      ]);
      this.failed?.remove();
      this.show(sources, configs, status.event_buses);
    } catch (failure) {
      if (!this.signal.aborted) {
        this.failed?.remove();
        this.prepend(this.failed = problem(failure));
      }
    }
  }

  show(sources, configs, buses) {
    if (sources.length === 0) {
      this.cards.clear();
      this.list.replaceChildren(empty(t("sources.none"), api.isAdmin() ? t("sources.none.admin") : t("sources.none.reader"),
        api.isAdmin() ? h("a", { class: "button primary", href: "#/add" }, t("add.title")) : null));
      return;
    }
    this.list.querySelector(".empty")?.remove();
    const gone = new Set(this.cards.keys());
    for (const source of sources) {
      gone.delete(source.id);
      if (!this.cards.has(source.id)) {
        const card = new SourceCard(source.id, () => this.look());
        this.cards.set(source.id, card);
        this.list.append(card.element);
      }
      this.cards.get(source.id).show(source, configs[source.id] ?? {}, rate(source, buses[source.id]));
    }
    gone.forEach((id) => {
      this.cards.get(id).element.remove();
      this.cards.delete(id);
    });
  }
}

/// Rows per second, the newest last. A caller with a grant learns of its own streams only.
function rate(source, bus) {
  const now = performance.now();
  const rows = bus?.statistics?.rows ?? source.subscribers.reduce((sum, one) => sum + one.rows, 0);
  const known = seen.get(source.id) ?? { rates: [] };
  if (known.when !== undefined && now - known.when > 500) {
    known.rates.push(Math.max(0, ((rows - known.rows) * 1_000) / (now - known.when)));
    known.rates = known.rates.slice(-SAMPLES);
  }
  seen.set(source.id, { rates: known.rates, rows, when: now });
  return known.rates;
}

class SourceCard {
  constructor(id, changed) {
    this.id = id;
    this.changed = changed;
    this.element = h("article", { class: "card", "aria-label": id, "data-source": id },
      this.head = h("div", { class: "row" }),
      this.notices = h("div", { class: "stack" }),
      this.figures = h("dl", { class: "figures" }),
      this.streams = h("details", {}, this.summary = h("summary", {}), this.table = h("div", { class: "scroll" })),
      this.actions = h("div", { class: "actions" }));
  }

  show(source, config, rates) {
    const look = source.enabled ? (LOOKS[source.state] ?? "") : "";
    const name = source.enabled ? t(`state.${source.state}`) : t("state.off");
    fill(this.head,
      h("h2", {}, source.id),
      h("span", { class: `state ${look}` }, name),
      source.since && source.enabled ? h("span", { class: "soft" }, `${t("sources.since")} `, time(new Date(source.since))) : null,
      source.enabled && source.state === "STOPPED" ? h("span", { class: "soft" }, t("sources.idle")) : null,
      h("span", { class: "soft end" }, [source.server ? `${source.server.flavour} ${source.server.version}` : null, config.uri].filter(Boolean).join(" · ")));
    this.notices.hidden = !source.error && source.warnings.length === 0;
    fill(this.notices,
      source.error ? problem({ message: source.error.detail, code: source.error.code }) : null,
      source.warnings.map((text) => h("p", { class: "notice warn" }, text)));
    const last = rates.at(-1) ?? 0;
    this.figures.replaceChildren(
      figure(t("lag"), source.lag_ms === null ? "–" : duration(source.lag_ms)),
      figure(t("rows-per-second"), shortNumber(last), sparkline(rates, t("sources.rates", shortNumber(last)))),
      figure(t("subscribers"), number(source.subscribers.length)),
      figure(t("sources.position"), source.position ? h("span", { class: "mono" }, `${source.position.file}:${source.position.position}`) : "–"));
    this.showStreams(source);
    this.offer(source, config);
  }

  showStreams(source) {
    this.streams.hidden = source.subscribers.length === 0;
    this.summary.textContent = t("sources.streams", number(source.subscribers.length));
    if (!this.streams.open) {
      return;
    }
    const snapshots = new Map(source.snapshots.map((one) => [one.subscriber, one]));
    this.table.replaceChildren(h("table", {},
      h("thead", {}, head(t("state"), t("since"), t("tables"), [t("lag")], [t("rows")], [t("sent")], "")),
      h("tbody", {}, source.subscribers.slice(0, 100).map((one) => h("tr", {},
        h("td", {}, t(`stream.${one.state}`), progressOf(snapshots.get(one.id))),
        h("td", {}, time(new Date(one.since))),
        h("td", { class: "name" }, one.filter.tables.join(", ") || t("all-tables")),
        h("td", { class: "number" }, duration(one.lag_ms)),
        h("td", { class: "number" }, number(one.rows)),
        h("td", { class: "number" }, bytes(one.bytes)),
        h("td", {}, api.isAdmin() && snapshots.has(one.id) ? h("button", { class: "small", on: { click: () => this.cancel(snapshots.get(one.id)) } }, t("sources.cancel-snapshot")) : null))))));
  }

  async cancel(snapshot) {
    await this.act("DELETE", api.ofSource(this.id, `/snapshots/${snapshot.id}`));
  }

  /// Only when something changed, so that a button stays under the pointer that presses it.
  offer(source, config) {
    const offered = JSON.stringify([source.enabled, config.disabled, config.read_only]);
    if (offered === this.offered) {
      return;
    }
    this.offered = offered;
    const id = encodeURIComponent(this.id);
    const start = config.disabled ? `/api/configs/sources/${id}/_actions/enable` : `/api/instances/sources/${id}/_actions/start`;
    const stop = `/api/instances/sources/${id}/_actions/stop`;
    fill(this.actions,
      source.enabled ? h("a", { class: "button primary", href: `#/live?source=${id}` }, t("sources.watch")) : null,
      api.isAdmin() ? [
        source.enabled
          ? h("button", { on: { click: () => this.act("POST", stop) } }, t("stop"))
          : h("button", { class: "primary", on: { click: () => this.act("POST", start) } }, t("start")),
        config.read_only ? h("span", { class: "soft" }, t("sources.declared")) : [
          h("a", { class: "button", href: `#/change/${id}` }, t("change")),
          h("button", { class: "danger", on: { click: () => this.remove() } }, t("delete")),
        ],
      ] : null);
  }

  async remove() {
    if (await confirm(t("sources.delete", this.id), t("sources.delete.about"), t("delete"))) {
      await this.act("DELETE", `/api/configs/sources/${encodeURIComponent(this.id)}`);
    }
  }

  async act(method, path) {
    try {
      const answer = await api.send(method, path);
      announce(answer?.message ?? t("done"));
    } catch (failure) {
      this.notices.hidden = false;
      this.notices.append(problem(failure));
      return;
    }
    await this.changed();
  }
}

function progressOf(snapshot) {
  return snapshot ? h("div", { class: "soft" }, t("live.of-rows", number(snapshot.rows), shortNumber(snapshot.estimated_rows))) : null;
}

function figure(name, ...value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value));
}

customElements.define("fustor-sources", Sources);
