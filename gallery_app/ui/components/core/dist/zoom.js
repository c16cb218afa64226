// The wished height of the grid's rows in px, kept in the browser: the size slider sets it, the
// grid follows. It is a matter of taste, so it does not stand in the address.

import { kept } from "./kept.js";

const KEY = "gallery.rowHeight";

class Zoom {
  min = 72;
  max = 480;
  #subscribers = new Set();
  #value = null;

  /** A good height for a window of this width: about two to three pictures a row on a phone. */
  usual(width = globalThis.innerWidth ?? 1280) {
    return width < 600 ? 118 : width < 1100 ? 176 : width < 2200 ? 208 : 248;
  }
  get value() {
    if (this.#value === null) {
      const px = Number(kept.get(KEY) || NaN);
      this.#value = Number.isFinite(px) ? this.#clamp(px) : this.usual();
    }
    return this.#value;
  }
  #clamp(px) {
    return Math.round(Math.max(this.min, Math.min(this.max, px)));
  }
  set(px) {
    const value = this.#clamp(px);
    if (value === this.value) return;
    this.#value = value;
    kept.set(KEY, value);
    for (const fn of [...this.#subscribers]) fn(value);
  }
  /** One step larger (1) or smaller (-1). */
  step(direction) {
    this.set(this.value * 1.2 ** direction);
  }
  subscribe(fn) {
    this.#subscribers.add(fn);
    return () => this.#subscribers.delete(fn);
  }
}

/** The one size of this browser. */
export const zoom = new Zoom();
