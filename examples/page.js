// What browser.html runs. The page's address may say which source and which tables, as in
// browser.html?source=shop&tables=shop.orders.

import { FeedError, follow } from "./browser.js";

const asked = new URLSearchParams(location.search);
const source = asked.get("source") ?? "shop";
const parameters = { on_lost: "latest", tables: asked.get("tables") };

const byId = (id) => document.getElementById(id);
const address = `/api/sources/${encodeURIComponent(source)}/events`;
const LONGEST_LIST = 200;

function say(text) {
  byId("state").textContent = text;
}

/// Over HTTP/1.1 a browser opens six connections to a host at most, in all tabs together, and each stream is one.
async function run() {
  try {
    for await (const event of follow(address, parameters, { onState: explain, exactDigits: true })) {
      if (event.rows) {
        show(event);
      } else if (event.control === "position_lost") {
        say(`changes are missing: ${event.detail}`);
      }
    }
  } catch (failure) {
    if (!(failure instanceof FeedError)) {
      throw failure;
    }
    say(failure.message);
    byId("login").hidden = failure.status !== 401;
  }
}

function explain({ state, error, reason }) {
  if (state === "open") {
    say(`following ${source}`);
  } else if (state === "waiting") {
    say(`${error.message}; trying again`);
  } else if (state === "cut") {
    say(`the service ended the stream (${reason}); connecting again`);
  }
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

/// The session's cookie stands for the token.
byId("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch("/api/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token: byId("token").value }),
  });
  if (answer.ok) {
    byId("login").hidden = true;
    run();
  } else {
    say((await answer.json()).detail);
  }
});

run();
