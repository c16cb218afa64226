// The chosen pictures, by uid: outlives scrolling, filtering and navigation within the page.

export class Selection {
  #uids = new Set();
  #subscribers = new Set();
  #due = false;
  /** The uid a shift-range begins at, or null. */
  anchor = null;

  get count() {
    return this.#uids.size;
  }
  has(uid) {
    return this.#uids.has(uid);
  }
  /** The chosen uids, in the order they were chosen. */
  uids() {
    return [...this.#uids];
  }
  add(uids) {
    for (const uid of uids) this.#uids.add(uid);
    this.#changed();
  }
  remove(uids) {
    for (const uid of uids) this.#uids.delete(uid);
    if (!this.#uids.size) this.anchor = null;
    this.#changed();
  }
  /** Chooses or drops one; it becomes the anchor. Returns whether it is chosen now. */
  toggle(uid) {
    const on = !this.#uids.has(uid);
    if (on) this.#uids.add(uid);
    else this.#uids.delete(uid);
    this.anchor = this.#uids.size ? uid : null;
    this.#changed();
    return on;
  }
  /** Makes these, and only these, the chosen ones. */
  replace(uids) {
    this.#uids = new Set(uids);
    this.#changed();
  }
  clear() {
    if (!this.#uids.size) return;
    this.#uids.clear();
    this.anchor = null;
    this.#changed();
  }
  /** Calls `fn(selection)` after changes, at most once per turn. */
  subscribe(fn) {
    this.#subscribers.add(fn);
    return () => this.#subscribers.delete(fn);
  }
  #changed() {
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      for (const fn of [...this.#subscribers]) fn(this);
    });
  }
}

/** The selection of this page. */
export const selection = new Selection();
