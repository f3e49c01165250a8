// A client of the feed for browsers, as an ES module without dependencies. It also runs where `fetch` streams, such as
// Node.js. browser.d.ts has its types, README.md says how to use it, and page.js and the service's console use it.
//
//     import { follow } from "./browser.js";
//
//     for await (const event of follow("/api/sources/shop/events", { tables: "shop.orders" })) {
//       if (event.rows) console.log(event.event_type, event.rows);
//     }

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;

/// A stream has a heartbeat at least every 15 s, if the service is not configured otherwise.
const SILENCE = 60_000;

/// How long events are handed over without a break in which the page can answer its visitor.
const SLICE = 8;

/// Numbers that JavaScript prints with other digits than the feed: `8.70`, `1e21`, `0.00000012`, `-0`. Those of too many
/// digits are strings (`big_numbers`).
const OTHER_DIGITS = /[[:,] ?-?(?:\d+\.\d*0|\d[\d.]*e[+-]?\d+|0\.000000\d*)[,}\]]|[[:,] ?-0[,}\]]/i;

/// Why the service refuses a stream: a problem (RFC 9457), or what a proxy answers in its place. Asking again would
/// not help.
export class FeedError extends Error {
  constructor(status, code, detail) {
    super(detail);
    this.name = "FeedError";
    this.status = status;
    this.code = code;
  }
}

/// Yields each event of a feed: changes, and objects with `control`. After a cut it connects again, waits longer after
/// each failure, and resumes after the last event that it yielded. It returns after the `end` of a stream that has one
/// (`until`, `snapshot=only`), and throws a FeedError if the service refuses the request.
///
/// Heartbeats are among the events, because their ids keep the place of a reader of quiet tables from growing old.
export async function* follow(address, parameters = {}, options = {}) {
  const { signal, onState = () => {}, pause = FIRST_PAUSE, longestPause = LONGEST_PAUSE } = options;
  const url = feedUrl(address, parameters);
  let lastEventId = options.lastEventId ?? null;
  let failures = 0;
  while (!signal?.aborted) {
    onState({ state: failures === 0 ? "connecting" : "reconnecting", failures });
    let wait = Math.min(longestPause, pause * 2 ** Math.min(failures, 16));
    const stream = new AbortController();
    const leave = () => stream.abort();
    signal?.addEventListener("abort", leave);
    try {
      const response = await request(url, lastEventId, stream.signal, options);
      if (response.ok) {
        onState({ state: "open", failures: 0 });
        for await (const event of events(response, stream, options)) {
          failures = 0;
          wait = pause;
          yield event;
          lastEventId = event.event_id ?? lastEventId;
          if (event.control === "end") {
            if (isLast(event.reason)) {
              onState({ state: "ended", reason: event.reason });
              return;
            }
            onState({ state: "cut", reason: event.reason });
          }
        }
        onState({ state: "waiting", error: new Error("the stream was cut"), wait, failures });
      } else {
        const problem = await problemOf(response);
        if (!mayHeal(response.status)) {
          throw problem;
        }
        wait = Math.max(wait, 1_000 * Number(response.headers.get("Retry-After") ?? 0));
        onState({ state: "waiting", error: problem, wait, failures });
      }
    } catch (failure) {
      if (failure instanceof FeedError || signal?.aborted) {
        onState({ state: "ended", error: failure });
        if (failure instanceof FeedError) {
          throw failure;
        }
        return;
      }
      onState({ state: "waiting", error: failure, wait, failures });
    } finally {
      signal?.removeEventListener("abort", leave);
      stream.abort();
    }
    failures += 1;
    // Not all readers of a service that was away come back in the same moment.
    await sleep(wait * (0.75 + Math.random() / 2), signal);
  }
}

/// The address of a request. A parameter with several values, such as `where`, is a list; one without a value is left
/// out. Numbers that JavaScript cannot hold come as strings.
export function feedUrl(address, parameters = {}) {
  const query = new URLSearchParams();
  const all = { big_numbers: "string", heartbeats: "ids", ...parameters };
  for (const [name, value] of Object.entries(all)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") {
        query.append(name, one);
      }
    }
  }
  return `${address}?${query}`;
}

async function request(url, lastEventId, signal, options) {
  const headers = { Accept: "application/x-ndjson" };
  if (lastEventId !== null) {
    headers["Last-Event-ID"] = lastEventId;
  }
  if (options.language) {
    headers["Accept-Language"] = options.language;
  }
  // A function is asked again for each request, so that a token may be short-lived.
  const token = typeof options.token === "function" ? await options.token() : options.token;
  if (token) {
    headers.Authorization = `Bearer ${token}`;
  }
  return fetch(url, { headers, signal, cache: "no-store", credentials: "same-origin" });
}

/// Yields the events of one response, and fails if nothing comes for too long.
async function* events(response, stream, { silence = SILENCE, exactDigits = false }) {
  const read = exactDigits && JSON.rawJSON ? withDigits : JSON.parse;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let sliceEnd = performance.now() + SLICE;
  for (;;) {
    const alarm = setTimeout(() => stream.abort(new Error("the stream is silent")), silence);
    const { done, value } = await reader.read().finally(() => clearTimeout(alarm));
    if (done) {
      return;
    }
    const lines = (rest + value).split("\n");
    // A line without its end was cut.
    rest = lines.pop();
    for (const line of lines) {
      if (line !== "") {
        yield read(line);
      }
      if (performance.now() > sliceEnd) {
        await nextTask();
        sliceEnd = performance.now() + SLICE;
      }
    }
  }
}

/// Keeps the digits of numbers in rows. Only lines that have such numbers take the longer way. Times and places stay
/// numbers.
function withDigits(line) {
  const event = JSON.parse(line);
  if (event.rows && OTHER_DIGITS.test(line)) {
    const { rows, before_rows: before } = JSON.parse(line, keepDigits);
    event.rows = rows;
    if (before) {
      event.before_rows = before;
    }
  }
  return event;
}

function keepDigits(key, value, { source }) {
  return typeof value === "number" && String(value) !== source ? JSON.rawJSON(source) : value;
}

/// Lets the page handle input and paint. A time-out would wait for 4 ms each time.
function nextTask() {
  return new Promise((resume) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resume();
    };
    channel.port2.postMessage(null);
  });
}

function isLast(reason) {
  return reason === "until" || reason === "snapshot completed" || reason === "snapshot cancelled";
}

function mayHeal(status) {
  return status >= 500 || status === 429 || status === 408;
}

async function problemOf(response) {
  const text = await response.text();
  try {
    const { code, detail } = JSON.parse(text);
    return new FeedError(response.status, code ?? null, detail ?? text);
  } catch {
    return new FeedError(response.status, null, `${response.status} ${response.statusText}`);
  }
}

function sleep(milliseconds, signal) {
  return new Promise((resume) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resume();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener("abort", end);
  });
}
