// Which tile loads its picture, and when. Tiles that are ready go to the browser at once; those
// whose rendition must still be made wait in a short line of their own, so that they never take
// all of the browser's connections. Everything is dropped when its tile is recycled.
import { renditionUrl } from "gallery-core";
import { READY } from "./columns.js";

const MAKING_AT_ONCE = 2;
const LONGEST_WAIT_MS = 15_000;
const LARGE_PX = 560;

export class Images {
  constructor(stat) {
    this.stat = stat;
    this.line = new Set(); // tiles whose rendition is not made yet
    this.making = 0;
    this.rendition = "small";
  }

  /** Begins to load a tile's picture. */
  want(tile, uid, version, flags) {
    tile.wanted = true;
    tile.tries = 0;
    // a wide panorama would be stretched too far from the small one's 400 px
    const name = tile.longest > LARGE_PX ? "medium" : this.rendition;
    tile.url = renditionUrl(uid, name, version);
    if (flags & READY) tile.img.src = tile.url;
    else {
      this.line.add(tile);
      this.#advance();
    }
  }
  /** Stops whatever the tile was loading. */
  drop(tile) {
    clearTimeout(tile.timer);
    tile.control?.abort();
    this.line.delete(tile);
    if (tile.wanted) tile.img.removeAttribute("src");
    tile.wanted = false;
    tile.url = null;
  }
  /** The browser could not show it: later once more, as long as the tile is there. */
  failed(tile) {
    if (!tile.wanted || !tile.url) return;
    this.stat.imageErrors += 1;
    tile.img.removeAttribute("src");
    this.#later(tile, 0);
  }
  #later(tile, asked_ms) {
    tile.tries += 1;
    const wait = Math.max(asked_ms, Math.min(LONGEST_WAIT_MS, 700 * 2 ** tile.tries));
    clearTimeout(tile.timer);
    tile.timer = setTimeout(() => {
      if (!tile.wanted) return;
      this.line.add(tile);
      this.#advance();
    }, wait);
  }
  #advance() {
    for (const tile of this.line) {
      if (this.making >= MAKING_AT_ONCE) return;
      this.line.delete(tile);
      this.#make(tile);
    }
  }
  async #make(tile) {
    this.making += 1;
    const url = tile.url;
    const control = (tile.control = new AbortController());
    const current = () => tile.wanted && tile.url === url && tile.control === control;
    try {
      const response = await fetch(url, { signal: control.signal });
      if (response.ok) {
        await response.arrayBuffer(); // into the browser's cache, where the picture finds it
        if (current()) tile.img.src = url;
      } else if (current() && (response.status === 503 || response.status === 429)) {
        this.#later(tile, 1000 * Number(response.headers.get("Retry-After") || 0));
      } else if (current()) tile.broken();
    } catch {
      if (current()) this.#later(tile, 0);
    } finally {
      this.making -= 1;
      this.#advance();
    }
  }
}
