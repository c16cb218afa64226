// The pictures of one query as buckets with positions and heights. No DOM.
// Data comes when asked for, is shared by everyone who waits, and leaves when it is far away.
import { apiUrl, binary, get, getIfChanged, uidFromBytes, uidToBytes } from "gallery-core";
import { monthOf } from "gallery-core/format.js";
import { FAVOURITE, indexOf, parseColumns } from "./columns.js";
import { earlyBucket, earlyTimeline } from "./early.js";
import { calibration, estimateHeight, layoutBucket } from "./layout.js";
import { pageBuckets } from "./paging.js";

export const EMPTY = 0;
const LOADING = 1;
export const LOADED = 2;
export const FAILED = 3;

/** Pictures whose columns are kept beside the visible ones. */
const KEEP = 50_000;

export function newBucket({ key, label, count, ratio, days, stamp, columns = null }) {
  return {
    key, label, count, ratio, days, stamp, columns,
    month: monthOf(key),
    continues: false, // a later part of the bucket before it: no heading of its own
    state: columns ? LOADED : EMPTY,
    layout: null, labels: null, promise: null, control: null, pins: 0, tries: 0, retryAt: 0, used: 0,
    index: 0, start: 0, top: 0, height: 0, exact: false,
    view: null, // what the canvas keeps of it while it is on the screen
  };
}

function uidsOf(columns, from, to) {
  const out = [];
  for (let k = from; k < to; k++) out.push(uidFromBytes(columns.uid, 16 * k));
  return out;
}

const sameContent = (a, b) => a.stamp === b.stamp && a.count === b.count;

export class Library {
  constructor(stat) {
    this.stat = stat;
    this.list = [];
    this.total = 0;
    this.height = 0;
    this.query = new URLSearchParams();
    this.etag = null;
    this.revision = 0;
    this.paging = null; // {page, perPage, pages, all} in page mode
    this.geometry = null;
    this.control = new AbortController();
  }

  /** Fetches the buckets of a query: {changed, list}; `adopt` makes the list the current one. */
  async ask(query, { paging = null, etag = null, signal } = {}) {
    if (paging) return { changed: true, ...(await pageBuckets(query, paging, signal)) };
    const answer =
      (!etag && (await earlyTimeline(apiUrl("/timeline", query)))) ||
      (await getIfChanged("/timeline", { params: query, etag, signal }));
    if (!answer.changed) return { changed: false };
    const t = answer.data;
    const list = t.keys.map((key, i) =>
      newBucket({
        key, label: t.labels[i], count: t.counts[i], ratio: t.ratios[i], days: t.days[i],
        stamp: t.stamps[i],
      }),
    );
    return { changed: true, list, etag: answer.etag, revision: t.revision, total: t.total };
  }

  /**
   * Makes an answer of `ask` the current list. Buckets that did not change stay the very same
   * objects, with their data and whatever stands in the DOM; `fresh` (another query): none do.
   */
  adopt(query, answer, { fresh = false } = {}) {
    const before = new Map(fresh ? [] : this.list.map((b) => [b.key, b]));
    this.query = query;
    this.etag = answer.etag ?? null;
    this.revision = answer.revision ?? 0;
    this.paging = answer.paging ?? null;
    const list = answer.list.filter((b) => b.count > 0).map((b) => {
      const old = before.get(b.key);
      if (!old || b.columns || !sameContent(old, b)) {
        if (old?.exact && old.count === b.count && !b.columns) {
          b.height = old.height;
          b.exact = true;
        }
        return b;
      }
      return Object.assign(old, { stamp: b.stamp, label: b.label });
    });
    const kept = new Set(list);
    // what somebody waits for still comes, as long as it is of this query
    for (const old of this.list) if (!kept.has(old) && (fresh || !old.pins)) old.control?.abort();
    this.list = list;
    list.forEach((b, i) => {
      b.index = i;
      const last = list[i - 1];
      const continues = Boolean(last?.month && b.month && last.key.slice(0, 7) === b.key.slice(0, 7));
      if (continues !== b.continues) b.exact = false;
      b.continues = continues;
    });
    this.#sum();
  }
  /** Loads, before `adopt`, the changed buckets that take the place of `visible` ones. */
  async prepare(answer, visible, signal) {
    const months = new Set(visible.map((b) => b.key.slice(0, 7)));
    const old = new Map(this.list.map((b) => [b.key, b]));
    const wanted = answer.list.filter((b) => {
      const before = old.get(b.key);
      return !b.columns && months.has(b.key.slice(0, 7)) && !(before?.columns && sameContent(before, b));
    });
    const nearest = wanted.slice(0, 8);
    await Promise.all(
      nearest.map(async (b) => {
        const bytes = await binary(`/timeline/${encodeURIComponent(b.key)}`, { params: this.query, signal });
        this.stat.fetches += 1;
        this.stat.bytes += bytes.byteLength;
        b.columns = parseColumns(bytes);
        b.count = b.columns.n;
        b.state = LOADED;
      }),
    );
  }
  /** Shows a favourite (or none) in the loaded columns before the server's word arrives. */
  setFavourite(uids, on, canvas) {
    for (const uid of uids) {
      const found = this.find(uid);
      if (!found) continue;
      const { b, k } = found;
      b.columns.flags[k] = on ? b.columns.flags[k] | FAVOURITE : b.columns.flags[k] & ~FAVOURITE;
      const tile = canvas.tileAt(b, k);
      tile?.classList.toggle("favourite", on);
      if (tile) canvas.label(tile);
    }
  }

  /** Sets widths and the like; every height is worked out anew. */
  setGeometry(geometry) {
    this.geometry = geometry;
    this.relayout();
  }
  relayout({ keepExact = false } = {}) {
    if (!this.geometry) return;
    const totals = { count: 0, ratio: 0, days: 0 };
    for (const b of this.list) {
      totals.count += b.count;
      totals.ratio += b.ratio;
      totals.days += b.days;
    }
    const factor = calibration(totals, this.optionsFor({ month: true }));
    for (const b of this.list) {
      if (keepExact && b.exact && b.height && (b.layout || !b.columns)) continue;
      if (b.columns) this.#lay(b);
      else {
        b.height = estimateHeight(b, this.optionsFor(b), factor);
        b.exact = false;
      }
    }
    this.#sum();
  }
  optionsFor(b) {
    const g = this.geometry;
    return { ...g, days: g.days && Boolean(b.month), head: b.continues ? 0 : g.head };
  }
  #lay(b) {
    b.layout = layoutBucket(b.columns, this.optionsFor(b));
    b.height = b.layout.height;
    b.exact = true;
  }
  #sum() {
    let top = 0;
    let start = 0;
    for (const b of this.list) {
      b.top = top;
      b.start = start;
      top += b.height;
      start += b.count;
    }
    this.height = top;
    this.total = start;
  }

  bucketAtY(y) {
    return this.#last((b) => b.top <= y);
  }
  bucketAtPosition(position) {
    return this.#last((b) => b.start <= position);
  }
  #last(holds) {
    let lo = 0;
    let hi = this.list.length - 1;
    while (lo < hi) {
      const mid = (lo + hi + 1) >> 1;
      if (holds(this.list[mid])) lo = mid;
      else hi = mid - 1;
    }
    return this.list[lo];
  }
  byKey(key) {
    return this.list.find((b) => b.key === key);
  }
  uid(b, k) {
    return uidFromBytes(b.columns.uid, 16 * k);
  }
  uids(b, from = 0, to = b.columns.n) {
    return uidsOf(b.columns, from, to);
  }

  /**
   * The bucket's columns, fetched once for all who ask. `pin`: someone waits who does not look
   * at it (viewer, selection), so that scrolling away may not cancel it. `onLoad(b)` of the
   * engine runs before anyone else continues.
   */
  fetch(b, { pin = false } = {}) {
    b.used = ++this.stat.clock;
    if (b.columns) return Promise.resolve(b.columns);
    if (pin) b.pins += 1;
    b.promise ??= this.#fetch(b);
    const waiting = b.promise;
    return pin ? waiting.finally(() => (b.pins -= 1)) : waiting;
  }
  async #fetch(b) {
    b.state = LOADING;
    b.control = new AbortController();
    this.stat.fetches += 1;
    try {
      const path = `/timeline/${encodeURIComponent(b.key)}`;
      const bytes =
        (await earlyBucket(apiUrl(path, this.query))) ??
        (await binary(path, { params: this.query, signal: b.control.signal }));
      this.stat.bytes += bytes.byteLength;
      const columns = parseColumns(bytes);
      if (this.list[b.index] === b) this.#arrive(b, columns);
      return columns;
    } catch (error) {
      b.state = error.name === "AbortError" ? EMPTY : FAILED;
      if (b.state === FAILED) {
        b.tries += 1;
        b.retryAt = performance.now() + Math.min(15_000, 500 * 2 ** b.tries);
        b.error = error;
      }
      throw error;
    } finally {
      b.promise = null;
    }
  }
  #arrive(b, columns) {
    b.columns = columns;
    b.state = LOADED;
    b.tries = 0;
    b.labels = null;
    if (b.count !== columns.n) b.count = columns.n; // changed since the list was made
    const before = { top: b.top, height: b.height };
    if (this.geometry) this.#lay(b);
    this.#sum();
    this.onLoad?.(b, before);
  }

  /** Cancels loads outside buckets i0..i1 that nobody waits for. */
  cancelOutside(i0, i1) {
    for (const b of this.list)
      if (b.state === LOADING && !b.pins && (b.index < i0 - 1 || b.index > i1 + 1)) {
        b.control.abort();
        this.stat.aborted += 1;
      }
  }
  /** Forgets the columns of buckets used longest ago; heights and places stay. */
  evict() {
    if (this.paging) return;
    const loaded = this.list.filter((b) => b.columns && !b.view && !b.pins);
    let sum = loaded.reduce((total, b) => total + b.count, 0);
    if (sum <= KEEP) return;
    loaded.sort((a, b) => a.used - b.used);
    for (const b of loaded) {
      if (sum <= KEEP) break;
      sum -= b.count;
      b.columns = b.layout = b.labels = null;
      b.state = EMPTY;
      this.stat.evicted += 1;
    }
  }

  /** {b, k} of a position; the bucket's columns may have to come first. */
  place(position) {
    const b = this.bucketAtPosition(Math.max(0, Math.min(position, this.total - 1)));
    return { b, k: position - b.start };
  }
  /** {b, k} of a uid among the loaded buckets, those of `first` before the others; or null. */
  find(uid, first) {
    const bytes = uidToBytes(uid);
    const order = first?.columns ? [first, ...this.list] : this.list;
    for (const b of order) {
      if (!b.columns) continue;
      const k = indexOf(b.columns, bytes);
      if (k >= 0) return { b, k };
    }
    return null;
  }
  /** {b, k} of a uid, asking the server where it is; null when this query does not have it. */
  async locate(uid) {
    const found = this.find(uid);
    if (found || this.paging) return found;
    try {
      const { bucket } = await get(`/timeline/locate/${uid}`, { params: this.query });
      const b = this.byKey(bucket);
      if (!b) return null;
      await this.fetch(b, { pin: true });
      return this.find(uid, b);
    } catch (error) {
      if (error.status === 404) return null;
      throw error;
    }
  }
  /** The uids of positions from..to (inclusive), fetching what is not here; keeps little of it. */
  async uidsBetween(from, to, { onProgress, signal } = {}) {
    // settled now: pictures may come while it goes on, and move all that is below them
    const wanted = this.list.filter((b) => b.start <= to && b.start + b.count > from).map((b) => ({
      b, k0: Math.max(0, from - b.start), k1: to >= b.start + b.count - 1 ? Infinity : to - b.start + 1,
    }));
    const parts = wanted.map(() => []);
    let next = 0;
    let done = 0;
    const one = async () => {
      while (next < wanted.length && !signal?.aborted) {
        const at = next++;
        const { b, k0, k1 } = wanted[at];
        const far = !b.columns;
        const columns = await this.fetch(b, { pin: true }); // b itself may be no longer in the list
        if (signal?.aborted) return;
        parts[at] = uidsOf(columns, k0, Math.min(columns.n, k1));
        done += 1;
        onProgress?.(done / wanted.length);
        if (far) this.evict();
      }
    };
    await Promise.all(Array.from({ length: 6 }, one));
    return parts.flat();
  }
}
