/** The parameters of a feed, as docs/feed.md describes them. */
export interface FeedParameters {
  from?: string;
  until?: string;
  tables?: string;
  fields?: string;
  without?: string;
  where?: string | string[];
  ops?: string;
  batch?: number | string;
  snapshot?: "initial" | "only" | "none";
  on_lost?: "fail" | "snapshot" | "latest";
  consumer?: string;
  transactions?: boolean | string;
  /** Default: `string`, because JavaScript rounds larger numbers. */
  big_numbers?: "string" | "number";
  /** Default: `ids`. */
  heartbeats?: "ids" | "empty";
}

export type Row = Record<string, unknown>;

/** A change of one or more rows of a table in a transaction. */
export interface Change {
  control?: undefined;
  event_id: string;
  event_type: "insert" | "update" | "delete";
  event_schema: string;
  table: string;
  fields: string[];
  rows: Row[];
  /** Updates only: as many as `rows`, in the same order. */
  before_rows?: Row[];
  index: number | string;
  /** Seconds since 1970. */
  timestamp: number;
  message_source: "realtime" | "snapshot";
  metadata: {
    primary_key: string[];
    gtid: string | null;
    file: string;
    position: number | string;
    server_id: number;
    transaction: { id: string; first_row: number } | null;
    key_changed?: boolean;
    entered?: boolean;
    left?: boolean;
    overlap?: boolean;
  };
}

/** A control event, such as `heartbeat`, `snapshot_progress`, `error` or `end`. */
export interface Control {
  control: string;
  event_id?: string;
  rows?: undefined;
  [key: string]: unknown;
}

export type FeedEvent = Change | Control;

export type FeedState =
  | { state: "connecting" | "reconnecting" | "open"; failures: number }
  | { state: "cut"; reason: string }
  /** `wait` in milliseconds until the next attempt. */
  | { state: "waiting"; error: Error; wait: number; failures: number }
  | { state: "ended"; reason?: string; error?: unknown };

export interface FollowOptions {
  /** Resume right after this event. */
  lastEventId?: string;
  /** A bearer token, or a function that gets one for each request. Without it, the browser's session counts. */
  token?: string | (() => string | Promise<string>);
  /** For the sentences of problems, such as `zh-CN`. Without it, the browser's languages. */
  language?: string;
  /** Ends the stream. */
  signal?: AbortSignal;
  onState?: (state: FeedState) => void;
  /** Milliseconds before the second attempt; default 500, doubled after each failure. */
  pause?: number;
  /** The longest pause in milliseconds; default 30,000. */
  longestPause?: number;
  /** Milliseconds without a byte after which the connection counts as dead; default 60,000. */
  silence?: number;
  /**
   * Numbers in rows whose digits JavaScript does not keep, such as `8.70` or `1e21`, come as `JSON.rawJSON(digits)`:
   * `JSON.stringify` prints them as they were sent, and `Number(value.rawJSON)` calculates with them. Browsers before
   * Chrome 114, Firefox 135 and Safari 18.4 give numbers. Default: false.
   */
  exactDigits?: boolean;
}

/** Why the service refuses a stream. */
export class FeedError extends Error {
  readonly status: number;
  /** As in docs/errors.md; null if the answer is none of the service. */
  readonly code: string | null;
}

/** Follows a feed, reconnects, and resumes after the last event that it yielded. */
export function follow(
  address: string,
  parameters?: FeedParameters,
  options?: FollowOptions,
): AsyncGenerator<FeedEvent, void, void>;

/** The address of a request with these parameters. */
export function feedUrl(address: string, parameters?: FeedParameters): string;
