// What browser.html runs. The page's address may say which source and which tables, as in
// browser.html?source=shop&tables=shop.orders.

const asked = new URLSearchParams(location.search);
const source = asked.get("source") ?? "shop";
const feed = new URLSearchParams({ on_lost: "latest", big_numbers: "string" });
if (asked.has("tables")) {
  feed.set("tables", asked.get("tables"));
}

const byId = (id) => document.getElementById(id);
const LONGEST_LIST = 200;

function say(text) {
  byId("state").textContent = text;
}

/// An EventSource connects again by itself and says the last event id then, so no change is missed.
/// It gives up only where the answer is not a stream; the answer's problem is read by a plain request.
function follow() {
  const stream = new EventSource(`/api/sources/${encodeURIComponent(source)}/events?${feed}`);
  stream.onopen = () => say(`following ${source}`);
  stream.onmessage = (event) => show(JSON.parse(event.data));
  stream.addEventListener("position_lost", (event) => say(`changes are missing: ${JSON.parse(event.data).detail}`));
  stream.addEventListener("end", () => say("the service ended the stream; connecting again"));
  stream.addEventListener("error", (event) => {
    if (event.data !== undefined) {
      say(JSON.parse(event.data).detail);
    } else if (stream.readyState === EventSource.CLOSED) {
      explain();
    } else {
      say("connecting again");
    }
  });
}

async function explain() {
  const answer = await fetch(`/api/sources/${encodeURIComponent(source)}`);
  byId("login").hidden = answer.status !== 401;
  say(answer.ok ? "the service refused the stream" : (await answer.json()).detail);
}

function show(change) {
  for (const row of change.rows) {
    const line = document.createElement("tr");
    const time = new Date(change.timestamp * 1000).toLocaleTimeString();
    for (const text of [time, change.event_type, change.table, JSON.stringify(row)]) {
      line.insertCell().textContent = text;
    }
    byId("changes").prepend(line);
  }
  while (byId("changes").rows.length > LONGEST_LIST) {
    byId("changes").deleteRow(-1);
  }
}

/// An EventSource sends no Authorization header; the session's cookie stands for the token.
byId("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch("/api/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token: byId("token").value }),
  });
  if (answer.ok) {
    byId("login").hidden = true;
    follow();
  } else {
    say((await answer.json()).detail);
  }
});

follow();
