// Readers: callers that see a part of the data.

import * as api from "../api.js";
import { Panel, announce, checkbox, codeBlock, confirm, empty, field, h, head, problem, time } from "../dom.js";
import { TablePicker } from "../picker.js";
import { t } from "../text.js";

const NAME = "[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}";

class Access extends Panel {
  async connectedCallback() {
    this.list = h("div", { class: "stack" });
    this.said = h("div", { class: "stack", "aria-live": "polite" });
    this.form = h("div", {});
    this.append(this.said, this.list, this.form);
    await this.load();
  }

  async load() {
    try {
      const [readers, sources] = await Promise.all([api.get("/api/readers", this.signal), api.get("/api/sources", this.signal)]);
      this.sources = sources.filter((one) => one.enabled).map((one) => one.id);
      this.show(readers);
    } catch (failure) {
      if (!this.signal.aborted) {
        this.list.replaceChildren(problem(failure));
      }
    }
  }

  show(readers) {
    const add = h("button", { class: "primary", on: { click: () => this.edit(null) } }, t("access.new"));
    if (readers.length === 0) {
      this.list.replaceChildren(empty(t("access.none"), t("access.none.about"), add));
      return;
    }
    this.list.replaceChildren(h("section", { class: "card" }, h("div", { class: "scroll" }, h("table", {},
      h("thead", {}, head(t("access.reader"), t("access.sees"), t("access.since"), t("access.expires"), "")),
      h("tbody", {}, readers.map((reader) => h("tr", { "data-reader": reader.name },
        h("td", { class: "name" }, reader.name),
        h("td", { class: "name" }, summary(reader.grant)),
        h("td", {}, reader.created ? time(new Date(reader.created)) : t("access.declared")),
        h("td", {}, !reader.grant.expires ? t("access.never") : h("span", { class: reader.ended ? "bad" : null }, time(new Date(reader.grant.expires)))),
        h("td", {}, reader.read_only ? null : h("div", { class: "actions" },
          h("button", { class: "small", on: { click: () => this.edit(reader) } }, t("change")),
          h("button", { class: "small danger", on: { click: () => this.remove(reader) } }, t("delete"))))))))),
      h("div", { class: "actions" }, add)));
  }

  async remove({ name }) {
    if (await confirm(t("access.delete", name), t("access.delete.about"), t("delete"))) {
      try {
        await api.send("DELETE", `/api/readers/${encodeURIComponent(name)}`);
        this.said.replaceChildren();
        announce(t("done"));
      } catch (failure) {
        this.said.replaceChildren(problem(failure));
      }
      await this.load();
    }
  }

  edit(reader) {
    const grant = reader?.grant ?? {};
    const name = h("input", { required: true, pattern: NAME, spellcheck: "false", value: reader?.name ?? "", disabled: reader !== null });
    const sources = this.sources.map((id) => ({ id, ...checkbox(id, grant.sources?.includes(id) ?? false) }));
    const picker = new TablePicker(true, true);
    const load = async () => {
      const [source] = [...sources.filter((one) => one.box.checked).map((one) => one.id), ...this.sources];
      picker.tables = source ? await api.tables(source, this.signal).catch(() => []) : [];
      if (!picker.isChanged) {
        picker.choose(grant.tables ?? []);
        picker.chooseFields(grant.fields ?? []);
      }
    };
    const where = h("textarea", { rows: "2", spellcheck: "false", placeholder: "shop.orders: customer_id = 17", value: (grant.where ?? []).join("\n") });
    const expires = h("input", { type: "datetime-local", value: localTime(grant.expires) });
    const streams = h("input", { type: "number", min: "1", value: String(grant.max_streams ?? 100) });
    const flags = {
      snapshots: checkbox(t("access.snapshots"), grant.snapshots ?? true),
      unmasked: checkbox(t("access.unmasked"), grant.unmasked ?? false),
      shared_cache: checkbox(t("access.cache"), grant.shared_cache ?? false),
    };
    const made = () => {
      const chosen = sources.filter((one) => one.box.checked).map((one) => one.id);
      const further = (grant.sources ?? []).filter((id) => !this.sources.includes(id));
      const { fields, names, isChanged } = picker;
      // A choice that nobody touched stays as it was said: the picker cannot show everything that a grant can say.
      const part = isChanged ? { tables: fields.length > 0 ? null : names, fields } : { tables: grant.tables ?? null, fields: grant.fields ?? null };
      const end = expires.value === localTime(grant.expires) ? grant.expires ?? null : expires.value ? new Date(expires.value).toISOString() : null;
      const lines = where.value.split("\n").map((line) => line.trim()).filter((line) => line !== "");
      return withoutEmpty({
        ...grant, sources: [...chosen, ...further], ...part, where: lines,
        snapshots: flags.snapshots.box.checked, unmasked: flags.unmasked.box.checked, shared_cache: flags.shared_cache.box.checked || null,
        max_streams: Number(streams.value), expires: end,
      });
    };
    const said = h("div", {});
    const submit = async (event) => {
      event.preventDefault();
      try {
        const path = `/api/readers/${encodeURIComponent(name.value)}`;
        const answer = await api.send(reader ? "PUT" : "POST", path, made(), this.signal);
        this.form.replaceChildren();
        this.said.replaceChildren(reader ? h("p", { class: "notice" }, t("access.changed", reader.name)) : this.secret(answer));
        await this.load();
      } catch (failure) {
        said.replaceChildren(problem(failure));
      }
    };
    const json = h("div", {});
    const preview = h("details", { on: { toggle: () => json.replaceChildren(codeBlock(JSON.stringify(made(), null, 2), t("access.json"))) } }, h("summary", {}, t("access.json")), json);
    this.form.replaceChildren(h("form", { class: "card", on: { submit } },
      h("h2", {}, reader ? t("access.change", reader.name) : t("access.new")),
      h("div", { class: "form" }, field(t("access.name"), name, t("access.name.help")),
        h("fieldset", { on: { change: load } }, h("legend", {}, t("access.sources")), h("p", { class: "help" }, t("access.sources.help")), sources.map((one) => one.whole)),
        h("div", { class: "field", role: "group", "aria-label": t("tables") }, h("h3", {}, t("tables")), picker, h("p", { class: "help" }, t("access.tables.help"))),
        field(t("access.where"), where, t("access.where.help")),
        h("div", { class: "fields" }, field(t("access.expires"), expires, t("access.expires.help")), field(t("access.streams"), streams)),
        Object.values(flags).map((one) => one.whole)),
      preview, said,
      h("div", { class: "actions" }, h("button", { class: "primary" }, reader ? t("save") : t("access.create")),
        h("button", { type: "button", class: "quiet", on: { click: () => this.form.replaceChildren() } }, t("cancel")))));
    load();
    this.form.scrollIntoView({ block: "start" });
    (reader ? where : name).focus();
  }

  secret({ name, secret, grant }) {
    const source = grant.sources?.find((one) => !one.includes("*")) ?? this.sources[0] ?? "shop";
    const curl = `curl -N -H 'Authorization: Bearer ${secret}' '${api.address(api.ofSource(source, "/events"))}'`;
    return h("section", { class: "card", "data-secret": name },
      h("h2", {}, t("access.secret", name)),
      h("p", { class: "notice warn" }, t("access.secret.once")),
      codeBlock(secret, t("access.secret", name)),
      h("h3", {}, t("access.curl")), codeBlock(curl, t("access.curl")),
      h("div", { class: "actions" }, h("button", { on: { click: () => this.said.replaceChildren() } }, t("access.secret.done"))));
  }
}

function summary(grant) {
  const parts = [
    (grant.fields ?? grant.tables ?? [t("all-tables")]).slice(0, 6).join(", "),
    grant.sources ? t("access.of-sources", grant.sources.join(", ")) : null,
    ...(grant.where ?? []),
    grant.without ? t("access.without", grant.without.join(", ")) : null,
  ];
  return parts.filter((one) => one !== null).map((one, i) => h("div", { class: i === 0 ? null : "soft" }, one));
}

/// A time as an input of the page takes it, to the minute.
function localTime(text) {
  return text ? new Date(new Date(text) - new Date(text).getTimezoneOffset() * 60_000).toISOString().slice(0, 16) : "";
}

function withoutEmpty(grant) {
  return Object.fromEntries(Object.entries(grant).filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0)));
}

customElements.define("fustor-access", Access);
