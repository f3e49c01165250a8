// What pages.html runs. The page's address says which table of which source to follow, and where a token for the visitor
// comes from, as in pages.html?source=/api/sources/shop&table=shop.orders&token=/my-token

const asked = new URLSearchParams(location.search);
const source = asked.get("source") ?? "/api/sources/shop";
const table = asked.get("table") ?? "shop.orders";
const tokenAddress = asked.get("token");
const PAUSE = 2000;

/// Where the next page begins. `cursor` lets caches answer many visitors that wait for the same page.
let offset = "now";
let cursor = null;

function say(text) {
  document.getElementById("state").textContent = text;
}

/// The visitors of one page can have the token of one reader, whose grant has `shared_cache`.
async function headers() {
  if (tokenAddress === null) {
    return {};
  }
  const answer = await fetch(tokenAddress, { credentials: "same-origin" });
  if (!answer.ok) {
    throw new Error(`no token (${answer.status})`);
  }
  return { Authorization: `Bearer ${(await answer.text()).trim()}` };
}

async function get(path) {
  const answer = await fetch(source + path, { headers: await headers() });
  if (!answer.ok) {
    throw new Error((await answer.json()).detail);
  }
  return answer;
}

/// What the columns are, before the first change comes.
async function describe() {
  const tables = await (await get("/tables")).json();
  const found = tables.find((one) => `${one.event_schema}.${one.table}` === table);
  if (found === undefined) {
    throw new Error(`there is no table ${table} for you`);
  }
  document.getElementById("table").textContent = table;
  document.getElementById("columns").textContent = found.columns
    .map((column) => `${column.name} ${column.type}`)
    .join(", ");
}

/// One page. The answer comes with the first change, or after some seconds without one (204).
async function read() {
  const query = `?tables=${encodeURIComponent(table)}&offset=${offset}&live=long-poll`;
  const answer = await get(`/stream${query}${cursor === null ? "" : `&cursor=${cursor}`}`);
  if (answer.status === 200) {
    (await answer.json()).forEach(take);
  }
  offset = answer.headers.get("Stream-Next-Offset");
  cursor = answer.headers.get("Stream-Cursor");
}

/// An element is a change, or an event with `control`.
function take(element) {
  if (element.rows !== undefined) {
    element.rows.forEach((row) => show(`${element.event_type} ${JSON.stringify(row)}`));
  }
}

function show(text) {
  const entry = document.createElement("li");
  // Rows are data, never markup.
  entry.textContent = text;
  document.getElementById("changes").append(entry);
}

async function run() {
  let isDescribed = false;
  for (;;) {
    try {
      if (!isDescribed) {
        await describe();
        isDescribed = true;
        say("following");
      }
      await read();
    } catch (failure) {
      say(`${failure.message}; trying again`);
      await new Promise((resume) => setTimeout(resume, PAUSE));
    }
  }
}

run();
