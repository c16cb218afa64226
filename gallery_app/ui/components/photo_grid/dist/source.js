// The grid's pictures by position, for the viewer: it may ask for any, loaded or not.
import { ANIMATED, FAVOURITE, READY, TRUNCATED, UNREADABLE, VIDEO } from "./columns.js";

export class Source {
  #subscribers = new Set();
  constructor(engine) {
    this.engine = engine;
  }
  /** How many pictures there are to go through (in page mode: those of the page). */
  get total() {
    return this.engine.library.total;
  }
  /** What is known of the picture at a position without asking, or null. */
  peek(position) {
    const { library } = this.engine;
    if (!(position >= 0 && position < library.total)) return null;
    const { b, k } = library.place(position);
    return b.columns && k < b.columns.n ? this.#item(b, k) : null;
  }
  /** The picture at a position: {uid, position, aspect, colour, flags, version, day, month, …}. */
  async at(position) {
    const { library } = this.engine;
    if (!(position >= 0 && position < library.total)) return null;
    const { b } = library.place(position);
    await library.fetch(b, { pin: true });
    return this.peek(position);
  }
  /** The position of a uid in this query, or -1. */
  async positionOf(uid) {
    const found = await this.engine.library.locate(uid);
    return found ? found.b.start + found.k : -1;
  }
  /** Where the tile stands on the screen, or null when it has none. */
  tileRect(uid) {
    return this.tile(uid)?.getBoundingClientRect() ?? null;
  }
  /** The tile's own element (gridcell) while it is on the screen, or null. */
  tile(uid) {
    for (const tile of this.engine.canvas.tiles()) if (tile.uid === uid) return tile;
    return null;
  }
  /** The address of the picture a tile shows, once it is there, or null. */
  tileImage(uid) {
    const tile = this.tile(uid);
    return tile?.classList.contains("shown") ? tile.img.currentSrc : null;
  }
  /** Scrolls so that the picture is seen; with `focus` the keyboard goes there too. */
  async reveal(position, { focus = false } = {}) {
    const { engine } = this;
    if (!(await this.at(position))) return;
    const { b, k } = engine.library.place(position);
    engine.show(b, k);
    engine.keys.activate(b, k, { focus });
  }
  /** Calls `fn()` when positions may have changed (live refresh). Returns the way out. */
  subscribe(fn) {
    this.#subscribers.add(fn);
    return () => this.#subscribers.delete(fn);
  }
  changed() {
    for (const fn of [...this.#subscribers]) fn();
  }
  #item(b, k) {
    const { columns } = b;
    const flags = columns.flags[k];
    const c = columns.colour[k];
    return {
      uid: this.engine.library.uid(b, k),
      position: b.start + k,
      aspect: columns.aspect[k] / 4096,
      colour: c,
      flags,
      version: columns.version[k],
      day: columns.day[k],
      month: b.month,
      bucket: b.key,
      index: k,
      label: b.labels?.get(k) ?? null,
      video: Boolean(flags & VIDEO),
      favourite: Boolean(flags & FAVOURITE),
      ready: Boolean(flags & READY),
      unreadable: Boolean(flags & UNREADABLE),
      animated: Boolean(flags & ANIMATED),
      truncated: Boolean(flags & TRUNCATED),
    };
  }
}
