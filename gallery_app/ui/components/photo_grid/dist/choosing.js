// Choosing pictures: click, check, shift-range, sweep over tiles, rubber band, long press, all.
// A plain click opens; once something is chosen, a plain click chooses too.
import { toast, toastError } from "gallery-core";
import { count } from "gallery-core/format.js";

const CHECK_PX = 40; // the corner of a tile that chooses
const DRAG_PX = 6;
const LONG_PRESS_MS = 450;
const EDGE_PX = 56;

export class Choosing {
  constructor(engine, signal) {
    this.engine = engine;
    this.drag = null;
    const { scroller, root } = engine;
    this.band = root.querySelector(".band");
    const on = (name, fn, options) => scroller.addEventListener(name, fn, { signal, ...options });
    on("click", (e) => this.#click(e));
    on("pointerdown", (e) => this.#down(e));
    on("pointermove", (e) => this.#move(e));
    on("pointerup", (e) => this.#up(e));
    on("pointercancel", (e) => this.#up(e));
    on("scroll", () => this.#pressEnd(), { passive: true });
    on("contextmenu", (e) => this.touching && e.preventDefault());
    on("dragstart", (e) => e.preventDefault());
  }

  // --- single steps ---------------------------------------------------------------------------
  toggle(b, k) {
    return this.engine.selection.toggle(this.engine.library.uid(b, k));
  }
  /** Chooses everything from the anchor to this picture, whatever lies between. */
  async rangeTo(b, k) {
    const { library, selection } = this.engine;
    const to = b.start + k;
    const uid = library.uid(b, k);
    const from = selection.anchor ? await library.locate(selection.anchor).catch(() => null) : null;
    if (!from) return void this.toggle(b, k);
    const p = from.b.start + from.k;
    await this.#choose(Math.min(p, to), Math.max(p, to));
    selection.anchor ??= uid;
  }
  /** Chooses positions from..to (shift and arrows); `from` becomes the anchor when there is none. */
  async extend(from, to) {
    const { library, selection } = this.engine;
    const { b, k } = library.place(from);
    await library.fetch(b, { pin: true });
    selection.anchor ??= library.uid(b, k);
    await this.#choose(Math.min(from, to), Math.max(from, to));
  }
  async #choose(from, to) {
    const { library, selection } = this.engine;
    this.stop();
    const { signal } = (this.pending = new AbortController());
    const words = (part) => `Choosing ${count(to - from + 1)} photos: ${Math.floor(100 * part)} %`;
    let note = null;
    const patience = setTimeout(() => (note = toast(words(0), { duration_s: Infinity })), 400);
    try {
      const uids = await library.uidsBetween(from, to, { signal, onProgress: (part) => note?.update(words(part)) });
      if (!signal.aborted) selection.add(uids);
    } catch (error) {
      if (!signal.aborted) toastError(error);
    } finally {
      clearTimeout(patience);
      note?.close();
    }
  }
  /** Gives up a long choosing that is under way. */
  stop() {
    this.pending?.abort();
  }
  /** Chooses everything that this query finds. */
  all() {
    return this.#choose(0, this.engine.library.total - 1);
  }
  /** A day or a month: {b, head} or {b}; chosen whole, or dropped when it was. */
  async group(what) {
    const { selection, library } = this.engine;
    const { from, to } = this.#extent(what);
    if (this.groupState(what) !== "true") return this.#choose(from, to);
    selection.remove(await library.uidsBetween(from, to));
  }
  #extent({ b, head }) {
    if (head) return { from: b.start + head.start, to: b.start + head.end - 1 };
    const { list } = this.engine.library;
    let last = b;
    while (list[last.index + 1]?.continues) last = list[last.index + 1];
    return { from: b.start, to: last.start + last.count - 1 };
  }
  /** "true", "false" or "mixed": how much of a day or month is chosen. */
  groupState(what) {
    const { selection, library } = this.engine;
    if (!selection.count) return "false";
    const { from, to } = this.#extent(what);
    // a large month is only looked through when it may be chosen whole
    if (to - from > 1500 && selection.count <= to - from) return "false";
    let some = false;
    let every = true;
    for (let at = from; at <= to; at++) {
      const { b, k } = library.place(at);
      if (!b.columns || k >= b.columns.n) return some ? "mixed" : "false";
      if (selection.has(library.uid(b, k))) some = true;
      else every = false;
      if (some && !every) return "mixed";
    }
    return every ? "true" : "false";
  }

  // --- pointer --------------------------------------------------------------------------------
  #onCheck(e, tile) {
    if (e.pointerType === "touch" && !this.engine.selection.count) return false;
    const box = tile.getBoundingClientRect();
    return e.clientX - box.left < CHECK_PX && e.clientY - box.top < CHECK_PX;
  }
  #click(e) {
    if (this.swallow) {
      this.swallow = false;
      e.preventDefault();
      return;
    }
    const check = e.target.closest(".check");
    if (check) return void this.group(check.what);
    const tile = e.target.closest(".tile");
    if (!tile) return;
    const { engine } = this;
    const { b, k } = tile;
    engine.keys.activate(b, k);
    if (e.shiftKey) this.rangeTo(b, k);
    else if (e.ctrlKey || e.metaKey || engine.selection.count || this.#onCheck(e, tile)) this.toggle(b, k);
    else engine.open(b, k);
  }
  #down(e) {
    this.swallow = false;
    this.touching = e.pointerType === "touch";
    if (e.button || e.target.closest(".check")) return;
    const tile = e.target.closest(".tile");
    if (this.touching) {
      if (tile) this.press = { x: e.clientX, y: e.clientY, timer: setTimeout(() => this.#pressed(tile), LONG_PRESS_MS) };
      return;
    }
    if (e.shiftKey) e.preventDefault(); // no text is marked by shift and click
    const sweep = tile && (this.#onCheck(e, tile) || this.engine.selection.count > 0);
    if (tile && !sweep) return;
    if (!tile) e.preventDefault();
    this.drag = { kind: tile ? "sweep" : "band", x: e.clientX, y: e.clientY, from: this.#point(e), tile, id: e.pointerId, started: false };
    if (tile) this.drag.position = tile.b.start + tile.k;
  }
  #pressed(tile) {
    this.press = null;
    if (!tile.isConnected) return;
    navigator.vibrate?.(12);
    this.swallow = true;
    if (!this.engine.selection.has(tile.uid)) this.toggle(tile.b, tile.k);
  }
  #pressEnd() {
    clearTimeout(this.press?.timer);
    this.press = null;
  }
  #point(e) {
    const { viewport, scroller, library } = this.engine;
    const box = scroller.getBoundingClientRect();
    const side = parseFloat(getComputedStyle(this.engine.root).getPropertyValue("--side")) || 0;
    const y = Math.max(0, Math.min(library.height, viewport.top() + e.clientY - box.top));
    return { x: e.clientX - box.left - side, y };
  }
  #move(e) {
    if (this.press && Math.hypot(e.clientX - this.press.x, e.clientY - this.press.y) > 10) this.#pressEnd();
    const { drag, engine } = this;
    if (!drag || e.pointerId !== drag.id) return;
    if (!drag.started) {
      if (Math.hypot(e.clientX - drag.x, e.clientY - drag.y) < DRAG_PX) return;
      drag.started = true;
      engine.scroller.setPointerCapture(drag.id);
      drag.before = new Set(engine.selection.uids());
      drag.on = !(drag.tile && engine.selection.has(drag.tile.uid));
      engine.root.classList.add("dragging");
      this.band.hidden = drag.kind !== "band";
    }
    drag.last = { clientX: e.clientX, clientY: e.clientY };
    drag.frame ??= requestAnimationFrame(() => this.#step());
  }
  #step() {
    const { drag, engine } = this;
    if (!drag) return;
    drag.frame = null;
    const box = engine.scroller.getBoundingClientRect();
    const above = box.top + EDGE_PX - drag.last.clientY;
    const below = drag.last.clientY - (box.bottom - EDGE_PX);
    const speed = above > 0 ? -above : below > 0 ? below : 0;
    if (speed) {
      engine.scroller.scrollTop += Math.sign(speed) * Math.min(40, 4 + Math.abs(speed) / 3);
      drag.frame = requestAnimationFrame(() => this.#step());
    }
    const at = this.#point(drag.last);
    const uids = drag.kind === "band" ? this.#inBand(drag.from, at) : this.#swept(at);
    const next = new Set(drag.before);
    for (const uid of uids) {
      if (drag.on) next.add(uid);
      else next.delete(uid);
    }
    const key = `${uids.length}:${uids[0]}:${uids.at(-1)}`;
    if (key !== drag.key) engine.selection.replace(next);
    drag.key = key;
  }
  #inBand(from, to) {
    const { engine, band } = this;
    const { library, viewport } = engine;
    const [x0, x1] = [Math.min(from.x, to.x), Math.max(from.x, to.x)];
    const [y0, y1] = [Math.min(from.y, to.y), Math.max(from.y, to.y)];
    band.style.cssText = `left:${x0}px;width:${x1 - x0}px;height:${y1 - y0}px;transform:translateY(${y0 - viewport.base}px)`;
    const uids = [];
    for (let i = library.bucketAtY(y0).index; i < library.list.length && library.list[i].top <= y1; i++) {
      const b = library.list[i];
      if (!b.columns) continue;
      const l = b.layout;
      for (let r = 0; r < l.rowY.length; r++) {
        const y = b.top + l.rowY[r];
        if (y + l.rowH[r] < y0 || y > y1) continue;
        const end = r + 1 < l.rowStart.length ? l.rowStart[r + 1] : b.columns.n;
        for (let k = l.rowStart[r]; k < end; k++)
          if (l.x[k] < x1 && l.x[k] + l.w[k] > x0) uids.push(library.uid(b, k));
      }
    }
    return uids;
  }
  #swept(at) {
    const { library } = this.engine;
    const b = library.bucketAtY(at.y);
    let to = at.y > b.top + b.height / 2 ? b.start + b.count - 1 : b.start;
    if (b.columns) {
      const l = b.layout;
      let r = 0;
      while (r + 1 < l.rowY.length && l.rowY[r + 1] <= at.y - b.top) r++;
      const end = r + 1 < l.rowStart.length ? l.rowStart[r + 1] : b.columns.n;
      let k = l.rowStart[r];
      while (k + 1 < end && l.x[k + 1] <= at.x) k++;
      to = b.start + k;
    }
    const [p, q] = [Math.min(this.drag.position, to), Math.max(this.drag.position, to)];
    const uids = [];
    for (let i = library.bucketAtPosition(p).index; i < library.list.length && library.list[i].start <= q; i++) {
      const one = library.list[i];
      if (one.columns)
        uids.push(...library.uids(one, Math.max(0, p - one.start), Math.min(one.columns.n, q - one.start + 1)));
    }
    return uids;
  }
  #up(e) {
    this.#pressEnd();
    const { drag, engine } = this;
    if (!drag || e.pointerId !== drag.id) return;
    this.drag = null;
    if (drag.frame) cancelAnimationFrame(drag.frame);
    if (drag.started) {
      this.swallow = true;
      setTimeout(() => (this.swallow = false), 0);
      this.band.hidden = true;
      engine.root.classList.remove("dragging");
      if (drag.tile) engine.selection.anchor = drag.tile.uid;
    } else if (drag.kind === "band" && engine.selection.count && !e.shiftKey && !e.ctrlKey && !e.metaKey && e.type === "pointerup") {
      engine.selection.clear(); // a click beside the pictures lets go
    }
  }
}
