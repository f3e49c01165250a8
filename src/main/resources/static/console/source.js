// The choice of a source, which the panels keep for each other.

import * as api from "./api.js";
import { empty, h, problem, select } from "./dom.js";
import { t } from "./text.js";

let last = null;

/// A list of the sources; null if there is none, which the panel then says.
export async function chooseSource(panel, changed) {
  let sources;
  try {
    sources = await api.get("/api/sources", panel.signal);
  } catch (failure) {
    if (!panel.signal.aborted) {
      panel.append(problem(failure));
    }
    return null;
  }
  const ids = sources.filter((one) => one.enabled).map((one) => one.id);
  if (ids.length === 0) {
    panel.append(empty(t("live.no-source"), t("live.no-source.about"), api.isAdmin() ? h("a", { class: "button primary", href: "#/add" }, t("add.title")) : null));
    return null;
  }
  const asked = panel.where.query.get("source") ?? last;
  const list = select(ids.map((id) => [id, id]), ids.includes(asked) ? asked : ids[0], { on: { change: () => {
    last = list.value;
    changed();
  } } });
  last = list.value;
  return list;
}
