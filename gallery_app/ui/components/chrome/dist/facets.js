// The counts behind the filter bar, asked once for everyone and only while someone looks:
// GET /facets for the address's filters. A refused query (bad_query) arrives here as an error.

import { events, get, view } from "gallery-core";
import { debounce } from "./dom.js";

const LAG_MS = 8000;

class Facets {
  #readers = new Set();
  #abort = null;
  #asked = null;
  #at = -Infinity;
  #stale = null;
  data = null;
  error = null;

  constructor() {
    const later = debounce(() => this.refresh(), 60);
    this.later = later;
    view.subscribe((change) => (change.query || change.path) && later());
    events.addEventListener("revision", () => {
      // While a folder is read the catalogue changes all the time; its counts may lag behind.
      this.#stale ??= setTimeout(() => {
        this.#stale = null;
        this.refresh(true);
      }, Math.max(300, this.#at + LAG_MS - performance.now()));
    });
  }

  /** Calls `fn(facets)` now and after each answer. Returns the function that ends it. */
  subscribe(fn) {
    this.#readers.add(fn);
    fn(this);
    this.refresh();
    return () => this.#readers.delete(fn);
  }

  /** Asks again unless the answer for this address is already here. */
  async refresh(force = false) {
    if (!this.#readers.size || !view.hasGrid) return;
    const query = view.query();
    query.delete("sort");
    const key = query.toString();
    if (key === this.#asked && !force) return;
    this.#asked = key;
    this.#at = performance.now();
    this.#abort?.abort();
    this.#abort = new AbortController();
    try {
      this.data = await get("/facets", { params: query, signal: this.#abort.signal });
      this.error = null;
    } catch (error) {
      if (error.name === "AbortError") return;
      this.error = error;
      this.#asked = null;
    }
    for (const fn of [...this.#readers]) fn(this);
  }

  /** Values of one facet: [{value, label, count}]. */
  values(name) {
    return this.data?.facets?.[name] ?? [];
  }

  /** The server's labels of a filter, by value. */
  labels(name) {
    return Object.fromEntries(this.values(name).map((one) => [one.value, one.label ?? one.value]));
  }
}

/** The one store of this page. */
export const facets = new Facets();
