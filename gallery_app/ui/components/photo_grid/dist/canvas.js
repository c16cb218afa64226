// What stands in the DOM: months, rows and tiles near the window, taken from pools.
// A month is a rowgroup, a line of pictures a row, a picture a gridcell with one <img>.
import { countOf, dayTitle, longDate, monthTitle, altText } from "gallery-core/format.js";
import { cssColour, ANIMATED, FAVOURITE, READY, UNREADABLE, VIDEO } from "./columns.js";
import { LOADED } from "./library.js";

const POOL = 600;

const make = (className, role) => {
  const element = document.createElement("div");
  element.className = className;
  if (role) element.setAttribute("role", role);
  return element;
};

export class Canvas {
  /** `host` {library, viewport, images, isSelected(uid), activeUid(), stat} is the engine's side. */
  constructor(element, host) {
    this.element = element;
    this.host = host;
    this.sections = new Map(); // bucket -> its view
    this.tilePool = [];
    this.rowPool = [];
    this.overscan = 0.75;
  }

  /** Shows buckets i0..i1 between y0 and y1 (px of the whole list); `fast`: no pictures now. */
  draw(i0, i1, y0, y1, fast) {
    const { list } = this.host.library;
    for (const b of this.sections.keys())
      if (b.index < i0 || b.index > i1 || list[b.index] !== b) this.drop(b);
    for (let i = i0; i <= i1; i++) {
      const b = list[i];
      if (!b.view) this.#open(b);
      if (b.state === LOADED) this.#drawRows(b, y0 - b.top, y1 - b.top, fast);
    }
  }
  /** Moves every month to where it belongs now. */
  placeAll() {
    for (const b of this.sections.keys()) this.#place(b);
  }
  /** Sets the height of a bucket whose data came or changed; its rows are built anew. */
  refresh(b) {
    if (!b.view) return;
    this.#clear(b.view);
    b.view.element.style.height = b.height + "px";
    b.view.element.classList.toggle("unloaded", b.state !== LOADED);
    delete b.view.element.dataset.failed;
  }
  clear() {
    for (const b of [...this.sections.keys()]) this.drop(b);
  }
  /** Runs `change` (new heights, new data) and then `draw`; a picture that stays keeps its tile. */
  rebuild(change, draw) {
    this.stash = new Map();
    this.clear();
    change();
    draw();
    for (const tile of this.stash.values()) this.#pool(tile);
    this.stash = null;
  }

  #place(b) {
    b.view.element.style.transform = `translateY(${b.top - this.host.viewport.base}px)`;
  }
  #open(b) {
    const element = make("month" + (b.state === LOADED ? "" : " unloaded"), "rowgroup");
    const view = (b.view = { element, rows: new Map(), tiles: new Map(), head: null });
    element.style.height = b.height + "px";
    const title = b.month ? monthTitle(b.month) : b.label;
    element.setAttribute("aria-label", title);
    if (!b.continues && title) {
      view.head = make("month-head", "row");
      const cell = make("head-cell", "rowheader");
      const heading = document.createElement("h2");
      heading.textContent = title;
      cell.append(this.#check(`Select all of ${title}`, { b }), heading);
      view.head.append(cell);
      element.append(view.head);
    }
    this.sections.set(b, view);
    this.#place(b);
    // in the order of the months, which is also the order of reading
    this.element.insertBefore(element, this.#nextElement(b));
  }
  #nextElement(b) {
    let best = null;
    for (const other of this.sections.keys())
      if (other.index > b.index && (!best || other.index < best.index)) best = other;
    return best?.view.element ?? null;
  }
  /** Takes a bucket out of the DOM. */
  drop(b) {
    this.#clear(b.view);
    b.view.element.remove();
    b.view = null;
    this.sections.delete(b);
  }
  #clear(view) {
    for (const row of view.rows.values()) this.#freeRow(view, row);
    view.rows.clear();
  }

  #drawRows(b, y0, y1, fast) {
    const { layout: l, columns, view } = b;
    const rows = l.rowY.length;
    let lo = 0;
    let hi = rows;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (l.rowY[mid] + l.rowH[mid] < y0) lo = mid + 1;
      else hi = mid;
    }
    let end = lo;
    while (end < rows && l.rowY[end] < y1) end++;
    for (const [r, row] of view.rows)
      if (r < lo || r >= end) {
        this.#freeRow(view, row);
        view.rows.delete(r);
      }
    for (let r = lo; r < end; r++) {
      let row = view.rows.get(r);
      if (!row) view.rows.set(r, (row = this.#row(b, r)));
      if (fast) continue;
      for (const tile of row.tiles) if (!tile.wanted) this.#load(b, tile, columns);
    }
  }
  #load(b, tile, columns) {
    const flags = columns.flags[tile.k];
    if (flags & UNREADABLE) return;
    this.host.images.want(tile, tile.uid, columns.version[tile.k], flags);
  }

  #row(b, r) {
    const { layout: l, columns, view } = b;
    const row = this.rowPool.pop() ?? { element: make("row", "row"), heads: null, tiles: [] };
    const to = r + 1 < l.rowY.length ? l.rowStart[r + 1] : columns.n;
    row.r = r;
    row.element.style.transform = `translateY(${l.rowY[r]}px)`;
    for (let k = l.rowStart[r]; k < to; k++) {
      const tile = this.#tile(b, k, l.x[k], l.w[k], l.rowH[r]);
      view.tiles.set(k, tile);
      row.tiles.push(tile);
      row.element.append(tile);
    }
    let before = null;
    for (const other of view.rows.values()) if (other.r > r && !(before?.r < other.r)) before = other;
    const at = before ? (before.heads ?? before.element) : null;
    if (l.rowHead[r + 1] > l.rowHead[r]) {
      row.heads = make("days", "row");
      row.heads.style.transform = `translateY(${l.rowY[r]}px)`;
      for (let i = l.rowHead[r]; i < l.rowHead[r + 1]; i++) row.heads.append(this.#dayHead(b, l.heads[i]));
      view.element.insertBefore(row.heads, at);
    }
    view.element.insertBefore(row.element, at);
    return row;
  }
  #freeRow(view, row) {
    const { stat } = this.host;
    for (const tile of row.tiles) {
      view.tiles.delete(tile.k);
      this.host.onRecycle(tile);
      tile.remove();
      if (this.stash) this.stash.set(tile.uid, tile);
      else this.#pool(tile);
    }
    row.tiles.length = 0;
    row.heads?.remove();
    row.heads = null;
    row.element.remove();
    if (this.rowPool.length < 100) this.rowPool.push(row);
    stat.recycled += 1;
  }
  #pool(tile) {
    this.host.images.drop(tile);
    if (this.tilePool.length < POOL) this.tilePool.push(tile);
  }
  #dayHead(b, head) {
    const cell = make("day head-cell", "rowheader");
    cell.style.left = head.x + "px";
    cell.style.width = head.w + "px";
    const when = { ...b.month, day: head.day };
    const known = head.day > 0;
    const words = document.createElement("h3");
    words.textContent = known ? dayTitle(when, { year: !this.host.geometry.narrow }) : "Day unknown";
    const photos = countOf(head.end - head.start, "photo");
    cell.title = `${known ? longDate(when) : "Day unknown"}, ${photos}`;
    cell.append(this.#check(`Select all of ${words.textContent}`, { b, head }), words);
    return cell;
  }
  #check(label, what) {
    const box = document.createElement("button");
    box.type = "button";
    box.className = "check";
    box.tabIndex = -1;
    box.setAttribute("role", "checkbox");
    box.setAttribute("aria-label", label);
    box.what = what;
    box.setAttribute("aria-checked", this.host.isGroupSelected(what));
    return box;
  }

  #tile(b, k, x, w, h) {
    const { columns } = b;
    const flags = columns.flags[k];
    const uid = this.host.library.uid(b, k);
    const look = columns.version[k] * 256 + (flags & (READY | UNREADABLE));
    let tile = this.stash?.get(uid);
    if (tile) {
      this.stash.delete(uid);
      if (tile.look !== look && !tile.classList.contains("shown")) this.host.images.drop(tile);
    } else tile = this.tilePool.pop() ?? this.#newTile();
    let name = tile.wanted && tile.classList.contains("shown") ? "tile shown" : "tile";
    if (tile.look !== look && tile.wanted && tile.version !== columns.version[k]) {
      this.host.images.drop(tile); // another picture under the same uid
      name = "tile";
    }
    Object.assign(tile, { b, k, uid, look, version: columns.version[k], longest: Math.max(w, h) });
    if (flags & VIDEO) name += " video";
    else if (flags & ANIMATED) name += " animated";
    if (flags & FAVOURITE) name += " favourite";
    tile.className = name;
    tile.style.cssText = `left:${x}px;width:${w}px;height:${h}px;background-color:${cssColour(columns.colour[k])}`;
    tile.note?.remove();
    tile.note = null;
    if (flags & UNREADABLE) tile.broken();
    this.mark(tile);
    this.label(tile);
    const stop = this.host.isActive(tile) ? 0 : -1;
    if (tile.tabIndex !== stop) tile.tabIndex = stop;
    return tile;
  }
  #newTile() {
    const { images, stat } = this.host;
    const tile = make("tile", "gridcell");
    const img = (tile.img = new Image());
    img.decoding = "async";
    img.draggable = false;
    img.addEventListener("load", () => {
      if (!tile.wanted) return;
      tile.classList.add("shown");
      this.host.onPicture(tile);
    });
    img.addEventListener("error", () => images.failed(tile));
    tile.broken = () => {
      tile.classList.add("unreadable");
      if (tile.note) return;
      tile.note = document.createElement("span");
      tile.note.className = "note";
      tile.note.textContent = tile.b.labels?.get(tile.k)?.name ?? "Cannot be shown";
      tile.append(tile.note);
    };
    tile.tabIndex = -1;
    tile.append(img);
    stat.tilesMade += 1;
    return tile;
  }
  /** Shows whether a tile is chosen. */
  mark(tile) {
    const on = this.host.isSelected(tile.uid);
    if (on !== tile.classList.contains("selected")) tile.classList.toggle("selected", on);
    if (on === tile.said) return;
    tile.said = on;
    tile.setAttribute("aria-selected", on);
  }
  markAll() {
    for (const b of this.sections.keys()) {
      for (const tile of b.view.tiles.values()) this.mark(tile);
      for (const box of b.view.element.querySelectorAll(".check"))
        box.setAttribute("aria-checked", this.host.isGroupSelected(box.what));
    }
  }
  /** Gives a tile its words: name, date and place when known, else its date. */
  label(tile) {
    const { b, k } = tile;
    const known = b.labels?.get(k);
    const flags = b.columns.flags[k];
    const kind = flags & VIDEO ? "Video" : "Photo";
    const day = b.columns.day[k];
    const plain = b.month ? `${kind}, ${this.#date(b, day)}` : `${kind} ${b.start + k + 1}`;
    let words = known ? altText(known) || plain : plain;
    if (known && flags & VIDEO) words = `Video: ${words}`;
    if (flags & FAVOURITE) words += ", favourite";
    if (flags & UNREADABLE) words += ", cannot be shown";
    tile.img.alt = words;
    tile.setAttribute("aria-label", words);
    if (known?.name && tile.note) tile.note.textContent = known.name;
  }
  #date(b, day) {
    b.dates ??= []; // said once a day, not once a picture
    return (b.dates[day] ??= day ? longDate({ ...b.month, day }) : monthTitle(b.month));
  }
  /** Every tile that is in the DOM. */
  *tiles() {
    for (const b of this.sections.keys()) yield* b.view.tiles.values();
  }
  tileAt(b, k) {
    return b.view?.tiles.get(k) ?? null;
  }
}
