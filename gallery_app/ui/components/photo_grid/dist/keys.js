// The keyboard: one tile is the grid's single tab stop and the arrows move it. It is a position
// in the list, so it outlives its tile; the scroller keeps the focus while the tile is away.
import { view, zoom } from "gallery-core";
import { rowOf } from "./anchor.js";

export class Keys {
  constructor(engine, signal) {
    this.engine = engine;
    this.active = null; // {uid, position}
    const { scroller } = engine;
    scroller.addEventListener("keydown", (e) => this.#key(e), { signal });
    // where nothing else has the focus, keys are meant for the pictures
    document.addEventListener("keydown", (e) => this.#meant(e) && this.#key(e), { signal });
    scroller.addEventListener("focusin", (e) => {
      const tile = e.target.closest?.(".tile");
      if (tile) this.#set(tile.b, tile.k);
      else if (e.target === scroller) this.#toTile();
    }, { signal });
  }
  reset() {
    this.active = null;
    this.engine.scroller.tabIndex = 0;
  }
  hasFocus() {
    const inside = this.engine.host.shadowRoot.activeElement;
    return Boolean(inside && this.engine.scroller.contains(inside) && !inside.closest(".check"));
  }
  isActive(tile) {
    return this.active?.uid === tile.uid;
  }
  #set(b, k) {
    const uid = this.engine.library.uid(b, k);
    const before = this.active?.uid;
    this.active = { uid, position: b.start + k };
    for (const tile of this.engine.canvas.tiles()) {
      if (tile.uid === uid) tile.tabIndex = 0;
      else if (tile.uid === before) tile.tabIndex = -1;
    }
    this.engine.scroller.tabIndex = -1;
  }
  /** Makes a picture the tab stop; with `focus` the keyboard goes there. */
  activate(b, k, { focus = false } = {}) {
    this.#set(b, k);
    if (focus) this.engine.canvas.tileAt(b, k)?.focus({ preventScroll: true });
  }
  /** Focus on the tab stop, or on the first picture that is seen whole. */
  async focus() {
    this.engine.scroller.focus({ preventScroll: true });
    this.#toTile();
  }
  #toTile() {
    const { canvas, viewport } = this.engine;
    let best = null;
    for (const tile of canvas.tiles()) {
      if (this.isActive(tile)) return void tile.focus({ preventScroll: true });
      const box = tile.getBoundingClientRect();
      const frame = this.engine.scroller.getBoundingClientRect();
      const seen = box.top >= frame.top && box.bottom <= frame.top + viewport.height;
      const order = tile.b.start + tile.k;
      if (seen && (!best || order < best.b.start + best.k)) best = tile;
    }
    if (!this.active && best) best.focus({ preventScroll: true });
  }
  /** The tile goes; if it has the focus, the scroller holds it until it comes back. */
  recycled(tile) {
    if (this.engine.host.shadowRoot.activeElement !== tile) return;
    this.engine.scroller.tabIndex = 0;
    this.away = true;
    this.engine.scroller.focus({ preventScroll: true });
  }
  /** After drawing: the focus returns to its tile when that is there again. */
  drawn() {
    if (!this.away || !this.active) return;
    const { canvas, library, scroller, host } = this.engine;
    if (host.shadowRoot.activeElement !== scroller) return void (this.away = false);
    const found = library.find(this.active.uid, library.bucketAtPosition(this.active.position));
    const tile = found && canvas.tileAt(found.b, found.k);
    if (!tile) return;
    this.away = false;
    tile.focus({ preventScroll: true });
  }
  /** After a rebuild: same picture, perhaps at another position; the focus where it was. */
  renew(focused) {
    if (!this.active) return;
    const { canvas, library } = this.engine;
    const found = library.find(this.active.uid, library.bucketAtPosition(this.active.position));
    if (found) {
      this.active.position = found.b.start + found.k;
      if (focused) canvas.tileAt(found.b, found.k)?.focus({ preventScroll: true });
    } else if (focused) {
      // it is gone: the one that took its place
      const at = Math.min(this.active.position, library.total - 1);
      const { b, k } = library.total ? library.place(at) : {};
      if (b?.columns) this.activate(b, k, { focus: true });
    }
  }

  #meant(e) {
    const { engine } = this;
    if (!view.hasGrid || view.photo || e.composedPath().includes(engine.scroller)) return false;
    if (document.querySelector("dialog[open], [popover]:popover-open")) return false;
    return document.activeElement === document.body || document.activeElement.contains(engine.host.parentNode);
  }
  /** The first picture seen whole becomes the tab stop when there is none in sight. */
  #fromSight(e) {
    const at = this.active?.position;
    const { library, canvas } = this.engine;
    if (at !== undefined && at < library.total) {
      const { b, k } = library.place(at);
      if (canvas.tileAt(b, k)) return false;
    }
    e.preventDefault();
    this.active = null;
    this.away = false;
    this.#toTile();
    return true;
  }
  async #key(e) {
    const { engine } = this;
    const { library, choosing, viewport } = engine;
    if (e.defaultPrevented || e.altKey || !library.total) return;
    if (e.target.closest?.(".check")) return;
    const ctrl = e.ctrlKey || e.metaKey;
    if (ctrl && e.key.toLowerCase() === "a") {
      e.preventDefault();
      return void choosing.all();
    }
    if (ctrl && !["Home", "End", "Enter", " "].includes(e.key)) return;
    if (/^(Arrow|Page)/.test(e.key) && this.#fromSight(e)) return;
    const here = this.active?.position ?? -1;
    const move = async (to) => {
      e.preventDefault();
      const target = Math.max(0, Math.min(library.total - 1, await to));
      if (e.shiftKey) await choosing.extend(Math.max(0, here), target);
      await this.#go(target);
    };
    switch (e.key) {
      case "ArrowRight": return move(here + 1);
      case "ArrowLeft": return move(here - 1);
      case "ArrowDown": return move(this.#vertical(here, 1));
      case "ArrowUp": return move(this.#vertical(here, -1));
      case "PageDown": return move(this.#byPixels(here, viewport.height * 0.85));
      case "PageUp": return move(this.#byPixels(here, -viewport.height * 0.85));
      case "Home": return move(0);
      case "End": return move(library.total - 1);
      case "+": case "=": e.preventDefault(); return zoom.step(1);
      case "-": e.preventDefault(); return zoom.step(-1);
      case "Escape":
        choosing.stop();
        if (engine.selection.count) {
          e.preventDefault();
          engine.selection.clear();
        }
        return;
      case "Enter": case " ": {
        if (here < 0) return;
        e.preventDefault();
        const { b, k } = library.place(here);
        if (!b.columns) await library.fetch(b, { pin: true });
        if (e.key === "Enter") engine.open(b, k);
        else if (e.shiftKey) await choosing.rangeTo(b, k);
        else choosing.toggle(b, k);
      }
    }
  }
  /** Makes the picture at a position the tab stop, seen and focused. */
  async #go(position) {
    const { library } = this.engine;
    const ticket = (this.ticket = {});
    const { b, k } = library.place(position);
    if (!b.columns) {
      this.engine.jump(b.top); // its neighbours will be needed as well
      await library.fetch(b, { pin: true });
      if (this.ticket !== ticket) return;
    }
    this.#set(b, Math.min(k, b.columns.n - 1));
    this.engine.show(b, k);
    const tile = this.engine.canvas.tileAt(b, k);
    if (tile) tile.focus({ preventScroll: true });
  }
  /** The picture above or below the one at `here`: the nearest centre in the next row. */
  async #vertical(here, direction) {
    const { library } = this.engine;
    if (here < 0) return 0;
    const { b, k } = library.place(here);
    if (!b.layout) await library.fetch(b, { pin: true });
    const l = b.layout;
    const centre = l.x[k] + l.w[k] / 2;
    const r = rowOf(l, k) + direction;
    if (r >= 0 && r < l.rowStart.length) return b.start + nearest(b, r, centre);
    const next = library.list[b.index + direction];
    if (!next) return here;
    await library.fetch(next, { pin: true });
    return next.start + nearest(next, direction > 0 ? 0 : next.layout.rowStart.length - 1, centre);
  }
  async #byPixels(here, px) {
    const { library } = this.engine;
    if (here < 0) return 0;
    const { b, k } = library.place(here);
    if (!b.layout) await library.fetch(b, { pin: true });
    const l = b.layout;
    const y = b.top + l.rowY[rowOf(l, k)] + px;
    if (y <= 0) return 0;
    if (y >= library.height) return library.total - 1;
    const to = library.bucketAtY(y);
    await library.fetch(to, { pin: true });
    let r = 0;
    while (r + 1 < to.layout.rowY.length && to.layout.rowY[r + 1] <= y - to.top) r++;
    return to.start + nearest(to, r, l.x[k] + l.w[k] / 2);
  }
}

/** Index of the picture in row `r` whose centre is nearest to `centre`. */
export function nearest(b, r, centre) {
  const l = b.layout;
  const end = r + 1 < l.rowStart.length ? l.rowStart[r + 1] : b.columns.n;
  let best = l.rowStart[r];
  for (let k = best; k < end; k++)
    if (Math.abs(l.x[k] + l.w[k] / 2 - centre) < Math.abs(l.x[best] + l.w[best] / 2 - centre)) best = k;
  return best;
}
