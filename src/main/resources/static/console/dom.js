// Small tools to build the page. Text from outside only ever becomes a text node.

import { ago, moment, t } from "./text.js";

const SVG = "http://www.w3.org/2000/svg";

/// Makes an element: `h("button", { class: "primary", on: { click } }, "Save")`. Properties that are null or false are
/// left out; those that an element has as JavaScript sees it, such as `value`, are set there.
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "on") {
      Object.entries(value).forEach(([event, listener]) => element.addEventListener(event, listener));
    } else if (value === true) {
      element.setAttribute(key, "");
    } else if (["value", "checked", "disabled", "hidden", "indeterminate"].includes(key)) {
      element[key] = value ?? "";
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(key, value);
    }
  }
  return fill(element, children);
}

/// Gives an element other children. Those that are null or false are left out.
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  element.append(...children);
  return element;
}

/// A time as people say it, with the exact one on hover. It stays true while it is shown.
export function time(date) {
  return h("time", { datetime: date.toISOString(), title: moment(date) }, ago(date));
}

setInterval(() => {
  for (const shown of document.querySelectorAll("time")) {
    const text = ago(new Date(shown.dateTime));
    if (shown.textContent !== text) {
      shown.textContent = text;
    }
  }
}, 5_000);

/// A line of the last figures, the newest at the right.
export function sparkline(values, label) {
  const width = 120;
  const height = 28;
  const most = Math.max(1, ...values);
  const step = width / 59;
  const start = width - (values.length - 1) * step;
  const points = values.map((value, i) => `${(start + i * step).toFixed(1)},${(height - 2 - (value / most) * (height - 5)).toFixed(1)}`);
  const line = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "sparkline", role: "img", "aria-label": label });
  if (points.length > 1) {
    line.append(
      svg("polygon", { points: `${start},${height} ${points.join(" ")} ${width},${height}`, class: "area" }),
      svg("polyline", { points: points.join(" ") }),
    );
  }
  return line;
}

/// A button that copies a text, which may be made when it is pressed.
export function copyButton(text, label = t("copy")) {
  const button = h("button", { type: "button", class: "small", on: { click: press } }, label);
  async function press() {
    await copy(typeof text === "function" ? text() : text);
    button.textContent = t("copied");
    announce(t("copied"));
    setTimeout(() => (button.textContent = label), 1_500);
  }
  return button;
}

/// A page that came without TLS from another machine has no clipboard of its own.
async function copy(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return;
    } catch {
      // Not allowed; the older way may be.
    }
  }
  const area = h("textarea", { value: text, readonly: true, class: "off-screen", "aria-hidden": "true" });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/// Code with its own copy button.
export function codeBlock(text, label) {
  return h("div", { class: "code" }, h("pre", { tabindex: "0", "aria-label": label ?? null, role: label ? "region" : null }, text), copyButton(text));
}

/// Says something to those who hear the page, and shortly shows it.
export function announce(text) {
  const live = document.getElementById("live-region");
  live.textContent = text;
  live.classList.add("shown");
  clearTimeout(announce.timer);
  announce.timer = setTimeout(() => live.classList.remove("shown"), 2_500);
}

/// The head of a table. The name of a column of numbers is in a list.
export function head(...names) {
  return h("tr", {}, names.map((name) => (Array.isArray(name) ? h("th", { scope: "col", class: "number" }, name) : name === "" ? h("td", {}) : h("th", { scope: "col" }, name))));
}

/// What went wrong, as the service says it.
export function problem(failure) {
  return h("p", { class: "notice bad", role: "alert" },
    h("span", {}, failure.message),
    failure.code ? h("code", {}, failure.code) : null);
}

export function empty(title, text, ...actions) {
  return h("div", { class: "empty" }, h("h2", {}, title), h("p", {}, text), h("div", { class: "actions" }, actions));
}

/// Asks before something that cannot be taken back.
export function confirm(title, text, action, isDanger = true) {
  return new Promise((resume) => {
    const dialog = h("dialog", { "aria-labelledby": "confirm-title", on: { close: () => { dialog.remove(); resume(dialog.returnValue === "yes"); } } },
      h("form", { method: "dialog" },
        h("h2", { id: "confirm-title" }, title),
        h("p", {}, text),
        h("div", { class: "actions" },
          h("button", { value: "no", class: "quiet" }, t("cancel")),
          h("button", { value: "yes", class: isDanger ? "danger" : "primary" }, action))));
    document.body.append(dialog);
    dialog.showModal();
  });
}

let count = 0;

/// A label, its control, and a line of help.
export function field(label, control, help) {
  const id = control.id || (control.id = `f${(count += 1)}`);
  if (help) {
    control.setAttribute("aria-describedby", `${id}-help`);
  }
  return h("div", { class: "field" }, h("label", { for: id }, label), control,
    help ? h("p", { class: "help", id: `${id}-help` }, help) : null);
}

export function checkbox(label, isChecked, help) {
  const id = `f${(count += 1)}`;
  const box = h("input", { type: "checkbox", id, checked: isChecked, "aria-describedby": help ? `${id}-help` : null });
  const whole = h("div", { class: "field check" }, box, h("label", { for: id }, label), help ? h("p", { class: "help", id: `${id}-help` }, help) : null);
  return { whole, box };
}

export function select(options, value, properties = {}) {
  const list = h("select", properties, options.map(([key, text]) => h("option", { value: key }, text)));
  if (value !== undefined && value !== null) {
    list.value = value;
  }
  return list;
}

/// A panel of the console: what its requests and timers are about ends when another panel is shown.
export class Panel extends HTMLElement {
  #life = new AbortController();

  get signal() {
    return this.#life.signal;
  }

  /// Runs now, and again so long after each run.
  repeat(task, milliseconds) {
    const run = async () => {
      if (this.signal.aborted) {
        return;
      }
      if (!document.hidden) {
        await task();
      }
      setTimeout(run, milliseconds);
    };
    return run();
  }

  disconnectedCallback() {
    this.#life.abort();
  }
}
