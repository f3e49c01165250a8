// The console: who is there, which panel is shown, and the way between them. The address says both, as in
// #/live?source=shop&tables=shop.orders.

import * as api from "./api.js";
import { field, h, problem } from "./dom.js";
import { loadWords, t } from "./text.js";

/// Names of panels, and whether only administrators have them.
const PANELS = [
  ["sources", false],
  ["add", true],
  ["live", false],
  ["consumers", false],
  ["history", false],
  ["places", false],
  ["access", true],
];

/// Panels that other panels lead to.
const FURTHER = ["change"];

class Console extends HTMLElement {
  async connectedCallback() {
    try {
      await Promise.all([loadWords(), api.lookUpSession()]);
    } catch (failure) {
      this.replaceChildren(h("p", { class: "notice bad", role: "alert" }, failure.message));
      return;
    }
    window.addEventListener("hashchange", () => this.show());
    window.addEventListener("signed-out", () => this.leave());
    this.build();
  }

  async leave() {
    await api.lookUpSession();
    this.build();
  }

  build() {
    this.panels = PANELS.filter(([, forAdmin]) => !forAdmin || api.isAdmin()).map(([name]) => name);
    this.main = h("main", { id: "main", tabindex: "-1" });
    this.replaceChildren(
      h("a", { class: "skip", href: "#main", on: { click: (event) => { event.preventDefault(); this.main.focus(); } } }, t("skip")),
      h("header", {}, h("a", { href: "#/sources", class: "brand" }, h("img", { src: "icon.svg", alt: "", width: "24", height: "24" }), h("span", {}, "fustor", h("small", {}, "source-mysql"))),
        api.session ? this.navigation() : null,
        api.session ? this.caller() : null),
      this.main,
      h("div", { id: "live-region", role: "status" }),
    );
    this.show();
  }

  navigation() {
    return h("nav", { "aria-label": t("navigation") },
      h("ul", {}, this.panels.map((name) => h("li", {}, h("a", { href: `#/${name}`, "data-panel": name }, t(`${name}.title`))))));
  }

  caller() {
    const isOpen = api.isOpen();
    return h("div", { class: "caller" },
      isOpen ? h("p", {}, t("open")) : h("p", {}, api.session.name, h("small", {}, t(`role.${api.session.role}`))),
      isOpen ? null : h("button", { class: "quiet small", on: { click: async () => { await api.signOut(); this.build(); } } }, t("sign-out")),
      h("p", { class: "further" }, h("a", { href: "../swagger-ui.html" }, t("api")))); 
  }

  async show() {
    if (!api.session) {
      this.main.replaceChildren(signIn(() => this.build()));
      return;
    }
    const [path, query] = location.hash.replace(/^#\//, "").split("?");
    const [asked, ...rest] = path.split("/");
    const name = this.panels.includes(asked) || (FURTHER.includes(asked) && api.isAdmin()) ? asked : "sources";
    if (this.current === location.hash && this.main.firstChild) {
      return;
    }
    const shown = (this.current = location.hash);
    for (const link of this.querySelectorAll("nav a")) {
      link.toggleAttribute("aria-current", false);
      if (link.dataset.panel === name) {
        link.setAttribute("aria-current", "page");
      }
    }
    document.title = `${t(`${name}.title`)} · fustor-source-mysql`;
    await import(`./panels/${name}.js`);
    if (this.current !== shown) {
      return;
    }
    const panel = document.createElement(`fustor-${name}`);
    panel.where = { rest: rest.map(decodeURIComponent), query: new URLSearchParams(query) };
    this.main.replaceChildren(h("div", { class: "title" }, h("h1", {}, t(`${name}.title`)), h("p", {}, t(`${name}.about`))), panel);
    window.scrollTo(0, 0);
  }
}

function signIn(done) {
  const token = h("input", { type: "password", autocomplete: "current-password", required: true });
  const said = h("div", {});
  const form = h("form", { class: "card sign-in", on: { submit } },
    h("h1", {}, t("sign-in.title")),
    h("p", {}, t("sign-in.about")),
    field(t("sign-in.token"), token),
    said,
    h("div", { class: "actions" }, h("button", { class: "primary" }, t("sign-in"))));

  async function submit(event) {
    event.preventDefault();
    try {
      await api.signIn(token.value);
      done();
    } catch (failure) {
      said.replaceChildren(problem(failure));
      token.select();
    }
  }

  queueMicrotask(() => token.focus());
  return form;
}

customElements.define("fustor-console", Console);
