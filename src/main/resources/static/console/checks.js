// What a check of a server or of a user found: each check with what is there, what is expected, and the fix.

import { codeBlock, h } from "./dom.js";
import { number, t } from "./text.js";

/// @param report `{success, message, checks}`
export function report({ success, message, checks }) {
  if (checks === undefined || checks.length === 0) {
    return h("p", { class: `notice ${success ? "" : "bad"}`, role: success ? null : "alert" }, message);
  }
  const failed = checks.filter((one) => !one.passed);
  const passed = checks.filter((one) => one.passed);
  failed.sort((one, other) => other.required - one.required);
  return h("div", { class: "stack" },
    failed.length === 0 ? null : h("ul", { class: "checks" }, failed.map(line)),
    h("details", { open: failed.length === 0 }, h("summary", {}, t("checks.passed", number(passed.length))), h("ul", { class: "checks" }, passed.map(line))));
}

function line(check) {
  const look = check.passed ? "good" : check.required ? "bad" : "warn";
  const verdict = check.passed ? t("checks.good") : check.required ? t("checks.fix") : t("checks.consider");
  return h("li", { "data-check": check.name, class: `check-${look}` },
    h("div", { class: "what" },
      h("span", { class: `verdict ${look}` }, verdict),
      h("code", {}, check.name),
      h("span", {}, h("small", {}, `${t("checks.actual")} `), check.actual || t("checks.empty")),
      h("span", {}, h("small", {}, `${t("checks.expected")} `), check.expected || t("checks.empty"))),
    check.passed ? null : h("p", { class: "soft" }, check.explanation),
    check.passed || !check.fix ? null : codeBlock(check.fix, t("checks.fix-of", check.name)));
}
