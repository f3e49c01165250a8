// Requests to the service, and who asks.

import { FeedError } from "./browser.js";

/// The service may be below a path, after a proxy.
const root = new URL("../", import.meta.url);

/// The caller: `{name, role}`; null where a token is needed.
export let session = null;

/// What the service calls its caller where no tokens are configured.
const CALLER = "anybody";

export function isOpen() {
  return session?.name === CALLER;
}

export function isAdmin() {
  return session?.role === "admin";
}

export function address(path) {
  return new URL(path.replace(/^\//, ""), root).href;
}

/// The path of a source, and what is below it.
export function ofSource(id, rest = "") {
  return `/api/sources/${encodeURIComponent(id)}${rest}`;
}

/// Sends a request, and returns the JSON of its answer.
///
/// Throws a FeedError with the problem of an answer that is none, and an Error where the service cannot be reached.
export async function send(method, path, body, signal) {
  const response = await fetch(address(path), {
    method,
    signal,
    cache: "no-store",
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (response.ok) {
    return text === "" ? null : JSON.parse(text);
  }
  if (response.status === 401 && session !== null) {
    window.dispatchEvent(new Event("signed-out"));
  }
  let detail = `${response.status} ${response.statusText}`;
  let code = null;
  try {
    ({ detail, code } = JSON.parse(text));
  } catch {
    // A proxy said it.
  }
  throw new FeedError(response.status, code, detail);
}

export const get = (path, signal) => send("GET", path, undefined, signal);

/// Looks who the caller is. Without configured tokens every caller is an administrator.
export async function lookUpSession() {
  try {
    session = await get("/api/session");
  } catch (failure) {
    if (failure.status !== 401) {
      throw failure;
    }
    session = null;
  }
  return session;
}

export async function signIn(token) {
  session = await send("POST", "/api/session", { token });
}

export async function signOut() {
  await send("DELETE", "/api/session");
  session = null;
}

/// The tables of a source. They are asked again after half a minute.
const tablesOf = new Map();

export async function tables(source, signal) {
  const known = tablesOf.get(source);
  if (known && Date.now() - known.when < 30_000) {
    return known.list;
  }
  const list = await get(ofSource(source, "/tables"), signal);
  tablesOf.set(source, { list, when: Date.now() });
  return list;
}

/// A part of a name as the feed's parameters take it.
export function quoted(part) {
  return /[.,*`]/.test(part) ? `\`${part.replaceAll("`", "``")}\`` : part;
}

export function tableName(table) {
  return `${quoted(table.event_schema)}.${quoted(table.table)}`;
}
