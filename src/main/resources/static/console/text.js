// The words of the console in the visitor's language, and numbers, sizes and times as people read them.

let words = {};
let language = "en";
let numbers;
let compact;
let moments;
let relative;

/// Loads the words, before anything is shown.
export async function loadWords() {
  const response = await fetch(new URL("messages", import.meta.url));
  ({ language, messages: words } = await response.json());
  document.documentElement.lang = language === "zh" ? "zh-CN" : language;
  const locale = navigator.languages.find((one) => one.startsWith(language)) ?? language;
  numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  compact = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
  moments = new Intl.DateTimeFormat(locale, {
    year: "numeric", month: "short", day: "numeric",
    hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, timeZoneName: "short",
  });
  relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
}

/// The sentence of a key, with values in its gaps. Of one thing, English has another one.
export function t(key, ...values) {
  const pattern = (values[0] === "1" && words[`${key}.one`]) || (words[key] ?? key);
  return pattern.replace(/\{(\d)}/g, (_, gap) => String(values[gap]));
}

export function number(value) {
  return numbers.format(value);
}

/// For figures that change all the time: 12.3K.
export function shortNumber(value) {
  return Math.abs(value) < 10_000 ? numbers.format(Math.round(value)) : compact.format(value);
}

export function bytes(count) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let value = count;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${numbers.format(unit === 0 || value >= 100 ? Math.round(value) : value)} ${units[unit]}`;
}

/// A length of time in its largest unit, such as `3.2 h`.
export function duration(milliseconds) {
  const units = [["ms", 1], ["s", 1_000], ["min", 60_000], ["h", 3_600_000], ["d", 86_400_000]];
  let [name, size] = units[0];
  for (const [next, least] of units) {
    if (milliseconds >= least) {
      [name, size] = [next, least];
    }
  }
  const value = milliseconds / size;
  return `${numbers.format(value >= 10 ? Math.round(value) : value)} ${name}`;
}

export function moment(date) {
  return moments.format(date);
}

/// `3 min. ago`.
export function ago(date) {
  const seconds = (date - Date.now()) / 1_000;
  for (const [unit, size] of [["day", 86_400], ["hour", 3_600], ["minute", 60]]) {
    if (Math.abs(seconds) >= size) {
      return relative.format(Math.round(seconds / size), unit);
    }
  }
  return relative.format(Math.round(seconds), "second");
}

/// The day of a change, such as 2026-01-31.
export function day(date) {
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
}

/// The clock time of a change, to the millisecond.
export function clock(date) {
  const two = (value, length = 2) => String(value).padStart(length, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${two(date.getMilliseconds(), 3)}`;
}
