// Changes the configuration of a source.

import * as api from "../api.js";
import { report } from "../checks.js";
import { Panel, checkbox, field, h, problem } from "../dom.js";
import { t } from "../text.js";

class Change extends Panel {
  async connectedCallback() {
    const [id] = this.where.rest;
    const path = `/api/configs/sources/${encodeURIComponent(id ?? "")}`;
    try {
      const configs = await api.get("/api/configs/sources", this.signal);
      if (!configs[id]) {
        location.hash = "#/sources";
        return;
      }
      this.build(id, path, configs[id]);
    } catch (failure) {
      this.append(problem(failure));
    }
  }

  build(id, path, config) {
    const uri = h("input", { required: true, value: config.uri, spellcheck: "false" });
    const user = h("input", { required: true, value: config.credential.user, autocomplete: "off", spellcheck: "false" });
    const password = h("input", { type: "password", autocomplete: "new-password" });
    const tables = h("input", { value: [config.driver_params.tables ?? []].flat().join(","), spellcheck: "false", placeholder: "shop.orders,shop.customers" });
    const lock = checkbox(t("change.lock"), String(config.driver_params.allow_brief_lock) === "true", t("change.lock.help"));
    const masks = h("textarea", { rows: "3", spellcheck: "false", placeholder: "shop.customers.email = hmac", value: Object.entries(config.masks).map((pair) => pair.join(" = ")).join("\n") });
    const retries = h("input", { type: "number", min: "0", value: config.max_retries });
    const delay = h("input", { type: "number", min: "1", value: config.retry_delay_sec });
    // The stored one is not sent to another server, nor for another user.
    const askAgain = () => (password.required = config.credential.passwd_set && (uri.value.trim() !== config.uri || user.value !== config.credential.user));
    uri.addEventListener("input", askAgain);
    user.addEventListener("input", askAgain);
    const said = h("div", { class: "stack" });
    const submit = async (event) => {
      event.preventDefault();
      const params = { ...config.driver_params, allow_brief_lock: lock.box.checked || null, tables: tables.value.trim() || null };
      const changed = {
        driver: config.driver, uri: uri.value.trim(), credential: { user: user.value, ...(password.value ? { passwd: password.value } : {}) },
        max_queue_size: config.max_queue_size, max_retries: Number(retries.value), retry_delay_sec: Number(delay.value), disabled: config.disabled,
        masks: Object.fromEntries(masks.value.split("\n").filter((line) => line.trim() !== "").map(maskOf)),
        driver_params: params,
      };
      try {
        const { check } = await api.send("PUT", path, { config: changed }, this.signal);
        said.replaceChildren(h("p", { class: "notice" }, t("change.saved")), report(check));
      } catch (failure) {
        said.replaceChildren(problem(failure));
      }
    };
    this.append(h("form", { class: "card", on: { submit } },
      h("h2", {}, id),
      h("div", { class: "form" },
        field(t("add.server"), uri),
        h("div", { class: "fields" }, field(t("add.user"), user), field(t("change.password"), password, t("change.password.help"))),
        field(t("tables"), tables, t("change.tables.help")), lock.whole,
        field(t("change.masks"), masks, t("change.masks.help")),
        h("div", { class: "fields" }, field(t("change.retries"), retries), field(t("change.delay"), delay))),
      said,
      h("div", { class: "actions" }, h("button", { class: "primary" }, t("save")), h("a", { class: "button", href: "#/sources" }, t("back")))));
  }
}

/// A fixed text may have an equals sign. A line without one gets no mask, which the service refuses.
function maskOf(line) {
  const [column, ...mask] = line.split("=");
  return [column.trim(), mask.join("=").trim()];
}

customElements.define("fustor-change", Change);
