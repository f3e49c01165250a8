// What orders.html runs. The page's address says where the feed is and where a JWT for the visitor comes from, as in
// orders.html?feed=/api/sources/shop/events?tables=shop.orders&token=/my-token

const asked = new URLSearchParams(location.search);
const feed = asked.get("feed") ?? "/api/sources/shop/events?tables=shop.orders";
const tokenAddress = asked.get("token") ?? "/my-token";
const PAUSE = 2000;

/// The id of the last event, which stays good whatever token the next request shows.
let lastEventId = null;

function say(text) {
  document.getElementById("state").textContent = text;
}

/// The page's own site knows who the visitor is, and asks its identity provider for a JWT with a grant.
async function token() {
  const answer = await fetch(tokenAddress, { credentials: "same-origin" });
  if (!answer.ok) {
    throw new Error(`no token (${answer.status})`);
  }
  return (await answer.text()).trim();
}

/// Follows the feed with one JWT until that ends. A request of fetch has headers, which an EventSource has not, so no
/// cookie is needed; the feed's lines are JSON.
async function follow() {
  const headers = { Accept: "application/x-ndjson", Authorization: `Bearer ${await token()}` };
  if (lastEventId !== null) {
    headers["Last-Event-ID"] = lastEventId;
  }
  const answer = await fetch(feed, { headers, cache: "no-store" });
  if (!answer.ok) {
    const problem = await answer.json();
    throw new Error(problem.detail);
  }
  say("following");
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return;
    }
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    lines.filter((line) => line !== "").forEach((line) => take(JSON.parse(line)));
  }
}

/// A line is a change, or an event with `control`.
function take(event) {
  lastEventId = event.event_id ?? lastEventId;
  if (event.control === "end") {
    say(event.reason === "authorization" ? "getting another token" : event.reason);
  } else if (event.rows !== undefined) {
    event.rows.forEach((row) => show(`${event.event_type} ${JSON.stringify(row)}`));
  }
}

function show(text) {
  const entry = document.createElement("li");
  // Rows are data, never markup.
  entry.textContent = text;
  document.getElementById("orders").append(entry);
}

async function run() {
  for (;;) {
    try {
      await follow();
    } catch (failure) {
      say(`${failure.message}; trying again`);
    }
    await new Promise((resume) => setTimeout(resume, PAUSE));
  }
}

run();
