// The same request as code in other languages.

import { address } from "./api.js";
import { codeBlock, h } from "./dom.js";
import { feedUrl } from "./browser.js";
import { t } from "./text.js";

const LANGUAGES = ["curl", "browser", "python", "java"];

/// @param request makes `{path, parameters}` when it is asked for
/// @param isSecured whether the service wants a token
export function codeTabs(request, isSecured) {
  const panel = h("div", { role: "tabpanel", "aria-label": t("code") });
  const tabs = LANGUAGES.map((name) => h("button", { type: "button", role: "tab", class: "small", on: { click: () => show(name) } }, t(`code.${name}`)));

  function show(name) {
    tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(LANGUAGES[i] === name));
      tab.classList.toggle("primary", LANGUAGES[i] === name);
    });
    panel.replaceChildren(codeBlock(code(name, request(), isSecured), t(`code.${name}`)));
  }

  const details = h("details", { on: { toggle: () => details.open && show("curl") } }, h("summary", {}, t("code")),
    h("div", { class: "stack" }, h("div", { role: "tablist", class: "actions", "aria-label": t("code") }, tabs), panel));
  return details;
}

export function code(language, { path, parameters }, isSecured) {
  const url = feedUrl(address(path), language === "curl" ? { ...parameters, big_numbers: null, heartbeats: null } : { ...parameters, big_numbers: language === "browser" ? "string" : null });
  switch (language) {
    case "curl":
      return `curl -N -H 'Accept: application/x-ndjson'${isSecured ? " \\\n    -H \"Authorization: Bearer $FUSTOR_TOKEN\"" : ""} \\\n    '${url.replace(/\?$/, "")}'`;
    case "browser":
      return browser(path, parameters);
    case "python":
      return python(url, isSecured);
    default:
      return java(url, isSecured);
  }
}

function browser(path, parameters) {
  const given = Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== null && value !== "" && value.length !== 0));
  return `// examples/browser.js; it reconnects and resumes
import { follow } from "./browser.js";

for await (const event of follow(${JSON.stringify(new URL(address(path)).pathname)}, ${JSON.stringify(given, null, 2)})) {
  if (event.rows) {
    console.log(event.event_type, event.table, event.rows);
  }
}`;
}

function python(url, isSecured) {
  return `# examples/follow.py also reconnects and resumes
import json${isSecured ? ", os" : ""}, urllib.request

request = urllib.request.Request(${JSON.stringify(url)},
    headers={"Accept": "application/x-ndjson"${isSecured ? ", \"Authorization\": \"Bearer \" + os.environ[\"FUSTOR_TOKEN\"]" : ""}})
with urllib.request.urlopen(request) as feed:
    for line in feed:
        if line.strip():
            event = json.loads(line)
            if "rows" in event:
                print(event["event_type"], event["table"], event["rows"])`;
}

function java(url, isSecured) {
  return `// examples/Follow.java also reconnects and resumes
import java.net.URI;
import java.net.http.*;

void main() throws Exception {
    var request = HttpRequest.newBuilder(URI.create(${JSON.stringify(url)}))
            .header("Accept", "application/x-ndjson")${isSecured ? "\n            .header(\"Authorization\", \"Bearer \" + System.getenv(\"FUSTOR_TOKEN\"))" : ""}
            .build();
    try (var http = HttpClient.newHttpClient()) {
        http.send(request, HttpResponse.BodyHandlers.ofLines()).body()
                .filter(line -> !line.isBlank())
                .forEach(IO::println);
    }
}`;
}
