// How dates, counts, sizes and pictures are said in words. Pure: today is an argument.

/** The reader's English: dates read as they are used to. */
export const language = () =>
  (globalThis.navigator?.languages ?? []).find((one) => one.startsWith("en")) ?? "en";
const cache = new Map();
const dates = (options) => {
  const key = JSON.stringify(options);
  if (!cache.has(key))
    cache.set(key, new Intl.DateTimeFormat(language(), { timeZone: "UTC", ...options }));
  return cache.get(key);
};
const numbers = new Intl.NumberFormat("en");

/** 12345 -> "12,345". */
export const count = (n) => numbers.format(n);
/** count(n) with its noun: "1 photo", "1,234 photos". */
export const countOf = (n, one, many = one + "s") => `${count(n)} ${n === 1 ? one : many}`;

/** Bytes as people say them, in powers of 1000: 3456789 -> "3.5 MB". */
export function bytes(n) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let at = 0;
  while (n >= 999.5 && at < units.length - 1) {
    n /= 1000;
    at += 1;
  }
  if (at === 0) return `${n} ${n === 1 ? "byte" : "bytes"}`;
  return `${n < 9.95 ? n.toFixed(1) : Math.round(n)} ${units[at]}`;
}

/** Seconds as a clock: 75 -> "1:15", 3675 -> "1:01:15". */
export function duration(s) {
  const whole = Math.max(0, Math.round(s));
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** How long something still takes, roughly: 75 -> "about 1 min". */
export function remaining(s) {
  if (!Number.isFinite(s)) return "";
  if (s < 60) return `${Math.max(1, Math.round(s))} s`;
  if (s < 5400) return `about ${Math.round(s / 60)} min`;
  return `about ${Math.round(s / 3600)} h`;
}

/** Exposure time: 0.004 -> "1/250 s", 2 -> "2 s". */
export const exposure = (s) => (s >= 0.3 ? `${+s.toFixed(1)} s` : `1/${Math.round(1 / s)} s`);

const utc = (year, month, day = 1) => {
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year);
  return date;
};

/** "2016-07" or "2016-07~1" -> {year, month}; null for a bucket that is no month. */
export function monthOf(key) {
  const found = /^(\d{4})-(\d{2})(?:~\d+)?$/.exec(key);
  return found ? { year: Number(found[1]), month: Number(found[2]) } : null;
}
/** "July 2016". */
export const monthTitle = ({ year, month }) =>
  dates({ month: "long", year: "numeric" }).format(utc(year, month));
/** "Jul 2016". */
export const monthShort = ({ year, month }) =>
  dates({ month: "short", year: "numeric" }).format(utc(year, month));

/** "Today", "Yesterday", "Sat, 16 Jul" (this year, or without `year`) or "Sat, 16 Jul 2016". */
export function dayTitle({ year, month, day }, { today = new Date(), year: withYear = true } = {}) {
  const date = utc(year, month, day);
  const now = Date.UTC(today.getFullYear(), today.getMonth(), today.getDate());
  const ago = Math.round((now - date.getTime()) / 86_400_000);
  if (ago === 0) return "Today";
  if (ago === 1) return "Yesterday";
  const options = { weekday: "short", day: "numeric", month: "short" };
  if (withYear && year !== today.getFullYear()) options.year = "numeric";
  return dates(options).format(date);
}
/** "16 July 2016". */
export const longDate = ({ year, month, day }) =>
  dates({ day: "numeric", month: "long", year: "numeric" }).format(utc(year, month, day));

/** A camera's wall time ("2016-07-16T14:05:00…") as {year, month, day, hour, minute} or null. */
export function wallTime(text) {
  const found = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2}))?/.exec(text ?? "");
  if (!found) return null;
  const [year, month, day, hour, minute] = found.slice(1).map((n) => Number(n ?? 0));
  return { year, month, day, hour, minute };
}

/** What a screen reader says of a picture: its own alt text, else title or name, date, place. */
export function altText({ alt, title, name, taken, place } = {}) {
  if (alt) return alt;
  const time = wallTime(taken);
  return [title || name, time && longDate(time), place].filter(Boolean).join(", ");
}

const FIELD_NAMES = {
  q: "words", type: "type", camera: "camera", year: "year", source: "source", folder: "folder",
  tag: "tag", not_tag: "without tag", orientation: "orientation", size: "size", from: "from",
  to: "until", min_bytes: "at least", max_bytes: "at most", min_width: "width from",
  min_height: "height from", min_rating: "rating from", is: "only", ticket: "ticket",
  company: "company", requester: "requester", article: "article", product: "product",
  album: "album", person: "person", smart: "shows",
};
const STATE_NAMES = {
  favourite: "favourites", video: "videos", animated: "animations", unreadable: "unreadable",
  located: "with a place", tagged: "with tags", private: "for the team only",
  remote: "not kept here",
};
const TYPE_NAMES = { video: "Video", unknown: "Unknown", svg: "SVG", psd: "PSD" };

/** One value of a filter in words; `labels` maps value to the server's own label. */
export function filterValue(name, value, labels) {
  if (labels?.[value]) return labels[value];
  if (name === "is") return STATE_NAMES[value] ?? value;
  if (name === "type") return TYPE_NAMES[value] ?? String(value).toUpperCase();
  if (name === "from" || name === "to") {
    const time = wallTime(value);
    return time ? longDate(time) : value;
  }
  if (name === "min_bytes" || name === "max_bytes") return bytes(Number(value));
  if (name === "min_width" || name === "min_height") return `${value} px`;
  if (name === "folder") return value.replace(/^\d+\//, "");
  return value;
}
/** A filter in words: "camera: Canon EOS 6D", "only: favourites". */
export const filterText = (name, values, labels) =>
  `${FIELD_NAMES[name] ?? name}: ${values.map((v) => filterValue(name, v, labels)).join(", ")}`;
