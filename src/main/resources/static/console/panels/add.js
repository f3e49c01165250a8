// Adds a source: the steps of the wizard, as the service defines them, and a name.

import * as api from "../api.js";
import { report } from "../checks.js";
import { Panel, checkbox, field, h, problem } from "../dom.js";
import { TablePicker } from "../picker.js";
import { t } from "../text.js";

const ACTIONS = "/api/drivers/sources/mysql/_actions/";
const NAME = "[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}";

class Add extends Panel {
  async connectedCallback() {
    try {
      this.definition = await api.get("/api/drivers/sources/mysql/wizard", this.signal);
    } catch (failure) {
      this.append(problem(failure));
      return;
    }
    this.values = {};
    this.fields = null;
    this.show(0);
  }

  show(index) {
    const { steps } = this.definition;
    const titles = [...steps.map((step) => step.title), t("add.save")];
    const list = h("ol", { class: "steps" }, titles.map((title, i) => h("li", { "aria-current": i === index ? "step" : null }, h("b", {}, String(i + 1)), title)));
    this.replaceChildren(list, index < steps.length ? this.step(steps[index], index) : this.last(index));
    this.querySelector("input")?.focus();
  }

  step(step, index) {
    const form = new SchemaForm(this.definition, step.schema, this.values, tablesOf(this.fields));
    const results = h("div", { class: "stack", "aria-live": "polite" });
    const check = h("button", { class: "primary" }, t("add.check"));
    const next = h("button", { type: "button", class: "primary", hidden: true, on: { click: () => this.show(index + 1) } }, t("add.continue"));
    const back = index === 0 ? null : h("button", { type: "button", class: "quiet", on: { click: () => this.show(index - 1) } }, t("add.back"));
    const judge = (hasPassed) => {
      next.hidden = !hasPassed;
      check.className = hasPassed ? "" : "primary";
      check.textContent = results.firstChild ? t("add.check-again") : t("add.check");
    };
    const submit = async (event) => {
      event.preventDefault();
      Object.assign(this.values, form.values());
      results.replaceChildren();
      check.disabled = true;
      const hasPassed = await this.validate(step.validations, results);
      check.disabled = false;
      judge(hasPassed);
      (hasPassed ? next : check).focus();
    };
    return h("form", { class: "card", "data-step": step.step_id, on: { submit, input: () => judge(false) } },
      h("div", { class: "form" }, form.element), results, h("div", { class: "actions" }, back, check, next));
  }

  /// Runs the actions of a step until one fails. Recommended checks that fail do not hinder.
  async validate(actions, results) {
    for (const action of actions) {
      const heading = h("h3", {}, t(`add.${action}`));
      const waiting = h("p", { class: "soft" }, t("add.checking"));
      const part = h("section", { class: "stack", "data-action": action }, heading, waiting);
      results.append(part);
      let answer;
      try {
        answer = await api.send("POST", ACTIONS + action, this.values, this.signal);
      } catch (failure) {
        answer = { success: false, message: failure.message };
      }
      if (answer.fields) {
        this.fields = answer.fields;
      }
      waiting.replaceWith(report(answer));
      part.dataset.result = answer.success ? "passed" : "failed";
      if (!answer.success) {
        return false;
      }
    }
    return true;
  }

  last(index) {
    const tables = this.values.driver_params?.tables ?? "";
    const name = h("input", { required: true, pattern: NAME, maxlength: "64", spellcheck: "false", value: suggestion(tables, this.values.uri) });
    const said = h("div", { class: "stack" });
    const save = h("button", { class: "primary" }, t("add.save"));
    const submit = async (event) => {
      event.preventDefault();
      save.disabled = true;
      try {
        const saved = await api.send("POST", `/api/configs/sources/${encodeURIComponent(name.value)}`, { config: this.config(), discovered_fields: this.fields }, this.signal);
        this.values.admin_creds = null;
        this.saved(saved, tables, said, save);
      } catch (failure) {
        save.disabled = false;
        said.replaceChildren(problem(failure));
      }
    };
    return h("form", { class: "card", "data-step": "save", on: { submit } },
      h("div", { class: "form" }, field(t("add.name"), name, t("add.name.help")),
        h("dl", { class: "facts" }, h("dt", {}, t("add.server")), h("dd", {}, this.values.uri), h("dt", {}, t("add.user")), h("dd", {}, this.values.credential.user),
          h("dt", {}, t("tables")), h("dd", {}, tables || t("live.tables.all")))),
      said,
      h("div", { class: "actions" }, h("button", { type: "button", class: "quiet", on: { click: () => this.show(index - 1) } }, t("add.back")), save));
  }

  /// What is saved: nothing of the administrator, and no order to change a password.
  config() {
    const { uri, credential, driver_params: params = {} } = this.values;
    const kept = { ...params };
    delete kept.reset_password;
    return { driver: "mysql", uri, credential, driver_params: kept };
  }

  saved({ id, check }, tables, said, save) {
    const live = `#/live?${new URLSearchParams({ source: id, ...(tables ? { tables } : {}) })}`;
    if (check.success) {
      location.hash = live;
      return;
    }
    save.remove();
    said.replaceChildren(h("p", { class: "notice warn" }, t("add.saved-with-trouble", id)), report(check),
      h("div", { class: "actions" }, h("a", { class: "button", href: `#/change/${encodeURIComponent(id)}` }, t("change")), h("a", { class: "button", href: live }, t("sources.watch"))));
  }
}

function suggestion(tables, uri) {
  const schema = tables.split(",")[0].split(".")[0];
  return (schema || uri.replace(/:\d+$/, "").split(".")[0]).replace(/[^A-Za-z0-9._-]/g, "-").replace(/^[^A-Za-z0-9]+/, "") || "mysql";
}

/// The tables of what the wizard discovered, whose keys are `schema.table.column`.
function tablesOf(fields) {
  const tables = new Map();
  for (const key of Object.keys(fields?.properties ?? {})) {
    const [schema, ...rest] = key.split(".");
    const column = rest.pop();
    const name = rest.join(".");
    const id = `${schema}.${name}`;
    if (!tables.has(id)) {
      tables.set(id, { event_schema: schema, table: name, columns: [], estimated_rows: 0 });
    }
    tables.get(id).columns.push({ name: column });
  }
  return [...tables.values()];
}

/// A form for a JSON Schema of the wizard.
class SchemaForm {
  constructor(definition, schema, values, tables) {
    this.definition = definition;
    this.tables = tables;
    this.readers = [];
    this.element = h("div", { class: "stack" }, this.controls(schema, values, this.readers));
  }

  values() {
    return read(this.readers);
  }

  controls(schema, values, readers) {
    const required = new Set(schema.required ?? []);
    return Object.entries(schema.properties).map(([name, property]) => this.control(name, property, values?.[name], required.has(name), readers));
  }

  control(name, property, value, isRequired, readers) {
    const resolved = property.$ref ? this.definition.components.schemas[property.$ref.split("/").pop()] : property;
    if (resolved.type === "object") {
      const inner = [];
      readers.push([name, () => read(inner)]);
      const controls = this.controls(resolved, value, inner);
      if (!isRequired) {
        // The choice of tables is no side matter.
        const [shown, folded] = [controls.filter(isChoice), controls.filter((one) => !isChoice(one))];
        return [shown, h("details", {}, h("summary", {}, property.title), h("div", { class: "stack" }, folded))];
      }
      return h("fieldset", {}, h("legend", {}, property.title), property.description ? h("p", { class: "help" }, property.description) : null, h("div", { class: "fields" }, controls));
    }
    if (resolved.type === "boolean") {
      const { whole, box } = checkbox(property.title, value ?? property.default, property.description);
      readers.push([name, () => box.checked || null]);
      return whole;
    }
    if (name === "tables" && this.tables.length > 0) {
      const picker = new TablePicker();
      picker.tables = this.tables;
      picker.choose((value ?? "").split(","));
      readers.push([name, () => picker.names.join(",") || null]);
      return h("div", { class: "field", role: "group", "aria-label": property.title }, h("h3", {}, t("add.tables")), picker, h("p", { class: "help" }, t("add.tables.help")));
    }
    const isPassword = resolved.format === "password";
    const input = h("input", {
      type: isPassword ? "password" : "text", name, required: isRequired, 
      placeholder: resolved.examples?.[0] ?? null, value: value ?? (isPassword ? "" : resolved.default ?? ""), autocomplete: isPassword ? "new-password" : "off", spellcheck: "false",
    });
    if (resolved.pattern) {
      // The attribute of the same name takes a newer grammar than JSON Schema.
      const pattern = new RegExp(resolved.pattern, "u");
      input.addEventListener("input", () => input.setCustomValidity(input.value === "" || pattern.test(input.value) ? "" : property.description));
    }
    readers.push([name, () => input.value || null]);
    return field(property.title, input, property.description);
  }
}

function isChoice(control) {
  return control.querySelector("fustor-picker") !== null;
}

/// What was entered. What is empty is left out.
function read(readers) {
  const values = {};
  for (const [name, value] of readers) {
    const entered = value();
    if (entered !== null) {
      values[name] = entered;
    }
  }
  return values;
}

customElements.define("fustor-add", Add);
