// The grid: binds the library (data), the viewport (scrolling), the canvas (DOM) and what serves
// loading, choosing, keys, scrubbing and pages. Start at the constructor, then loading.js.
import { events, selection, view, watchStatus, zoom } from "gallery-core";
import { placeOf, remembered, rowY, shiftFor, takeAnchor } from "./anchor.js";
import { Canvas } from "./canvas.js";
import { Choosing } from "./choosing.js";
import { geometryFor } from "./geometry.js";
import { Images } from "./images.js";
import { Keys } from "./keys.js";
import { Labels } from "./labels.js";
import { EMPTY, FAILED, Library } from "./library.js";
import { Loading } from "./loading.js";
import { Opening } from "./opening.js";
import { Pager } from "./pager.js";
import { Scrubber } from "./scrubber.js";
import { Source } from "./source.js";
import { States } from "./states.js";
import { adoptStyle, TEMPLATE } from "./template.js";
import { Viewport } from "./viewport.js";

const FAST = 4; // screens per second above which no picture is loaded
const TOO_FAST = 30; // and above which no bucket is

/** Counters for tests and benches; `clock` orders the use of buckets. */
const newStat = () => ({
  clock: 0, tilesMade: 0, recycled: 0, fetches: 0, aborted: 0, evicted: 0, bytes: 0, draws: 0,
  refreshes: 0, imageErrors: 0, pictures: 0, firstPictureMs: null,
});

export class GridEngine {
  constructor(host, { emit = () => {} } = {}) {
    this.host = host;
    this.emit = emit;
    this.selection = selection;
    this.stat = newStat();
    this.control = new AbortController();
    const { signal } = this.control;
    const shadow = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    shadow.innerHTML = TEMPLATE;
    this.styled = adoptStyle(shadow);
    const part = (name) => shadow.querySelector("." + name);
    this.root = part("root");
    this.scroller = part("scroll");
    this.library = new Library(this.stat);
    this.library.onLoad = (b, before) => this.#arrived(b, before);
    this.images = new Images(this.stat);
    this.viewport = new Viewport(this.scroller, part("spacer"), {
      signal,
      onScroll: () => this.#drawSoon(),
      onIdle: () => this.#settled(),
      onBase: () => this.canvas?.placeAll(),
    });
    this.canvas = new Canvas(part("canvas"), this);
    this.labels = new Labels(this.library, this.canvas);
    this.scrubber = new Scrubber(part("rail"), {
      library: this.library, viewport: this.viewport, signal, jump: (to, o) => this.jump(to, o),
    });
    this.pager = new Pager(part("pager"));
    this.states = new States(part("state"), { retry: () => this.load() });
    this.source = new Source(this);
    this.opening = new Opening(this);
    this.loading = new Loading(this);
    this.keys = new Keys(this, signal);
    this.choosing = new Choosing(this, signal);

    const undo = [
      view.subscribe((change) => this.#addressed(change)),
      selection.subscribe(() => this.#selected()),
      zoom.subscribe(() => this.#resized({ force: true })),
    ];
    signal.addEventListener("abort", () => undo.forEach((fn) => fn()));
    events.addEventListener("revision", () => this.refresh(), { signal });
    events.addEventListener("changed", (e) => this.#changed(e.detail), { signal });
    this.observer = new ResizeObserver(() => this.#resized());
    this.observer.observe(this.scroller);
    watchStatus();
    this.ready = view.hasGrid ? this.load({ place: view.place }) : Promise.resolve();
  }
  destroy() {
    this.control.abort();
    this.loading.stop();
    this.observer.disconnect();
    this.canvas.clear();
    if (window.__grid === this) delete window.__grid;
  }

  // --- what others call ---------------------------------------------------------------------
  get total() {
    return this.library.paging?.all ?? this.library.total;
  }
  /** Where the window stands, px from the top of the whole list. */
  vtop() {
    return this.viewport.top();
  }
  setRowHeight(px) {
    zoom.set(px);
  }
  /** Scrolls to a place of the whole list at once. */
  jump(to, { scrubbing = false } = {}) {
    const before = this.viewport.top();
    const now = performance.now();
    this.viewport.jump(to);
    if (scrubbing) {
      const passed = Math.max(1, now - (this.scrubbedAt ?? 0));
      this.viewport.velocity = Math.abs(this.viewport.top() - before) / passed;
      this.scrubbedAt = now;
      this.viewport.settleSoon(60);
    } else this.viewport.velocity = 0;
    this.draw();
    if (!scrubbing) this.viewport.settleSoon(120);
  }
  focus() {
    return this.keys.focus();
  }

  // --- loading ------------------------------------------------------------------------------
  /** Asks for what the address says and shows it; `place` is where to stand, if known. */
  load(where) {
    return this.loading.load(where);
  }
  /** Asks again whether anything changed and takes it in without moving what is seen. */
  refresh() {
    return this.loading.refresh();
  }

  // --- drawing ------------------------------------------------------------------------------
  #drawSoon() {
    if (this.geometry?.narrow) this.scrubber.showHandle(this.root);
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }
  /** Brings the DOM in line with the window and asks for data that is missing. */
  draw() {
    const { library, viewport } = this;
    if (!library.list.length || !viewport.height) return;
    this.stat.draws += 1;
    const top = viewport.top();
    const speed = viewport.screens;
    // nobody sees pictures at this speed, only their colours: fewer tiles, and none loads
    const fast = speed > FAST;
    const more = viewport.height * (fast ? 0.3 : this.canvas.overscan);
    const [y0, y1] = [top - more, top + viewport.height + more];
    const i0 = library.bucketAtY(Math.max(0, y0)).index;
    const i1 = library.bucketAtY(y1).index;
    this.canvas.draw(i0, i1, y0, y1, fast);
    const now = performance.now();
    for (let i = i0; i <= i1; i++) {
      const b = library.list[i];
      b.used = ++this.stat.clock;
      const again = b.state === FAILED && b.retryAt <= now;
      if ((b.state === EMPTY || again) && speed < TOO_FAST) library.fetch(b).catch((e) => this.#missed(b, e));
    }
    library.cancelOutside(i0, i1);
    this.scrubber.update();
    this.keys.drawn();
  }
  #missed(b, error) {
    if (error.name === "AbortError") return;
    if (error.status === 404) return void this.refresh(); // the list is older than the server's
    if (b.tries > 1 && b.view) b.view.element.dataset.failed = `${error.message} Trying again…`;
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.draw(), Math.max(50, b.retryAt - performance.now() + 20));
  }
  /** A bucket's data came: its height is now exact, and nothing that is seen may move. */
  #arrived(b, before) {
    const { library, viewport } = this;
    const head = this.geometry?.head ?? 0;
    const shift = shiftFor(b, before, { library, top: viewport.top(), height: viewport.height, head });
    viewport.shift(shift, library.height);
    this.canvas.placeAll();
    this.canvas.refresh(b);
    this.draw();
    if (!viewport.velocity) viewport.settleSoon(150);
    this.#scrubSoon();
  }
  #scrubSoon() {
    this.scrubTimer ??= setTimeout(() => {
      this.scrubTimer = null;
      this.scrubber.draw();
      this.scrubber.update();
    }, 300);
  }
  #settled() {
    this.draw();
    this.library.evict();
    this.labels.soon();
    this.#remember();
  }
  #remember() {
    if (!view.hasGrid || this.loading.stale || !this.viewport.height) return;
    if (this.library.list.length) view.remember(remembered(takeAnchor(this)));
  }

  // --- sizes --------------------------------------------------------------------------------
  /** Takes the window's sizes, and with them what a row and a tile are. */
  measure() {
    this.viewport.measure();
    if (!this.viewport.height) return;
    const g = geometryFor({
      host: this.host.clientWidth, inner: this.viewport.width, row: zoom.value,
      railed: view.mode !== "pages",
    });
    this.geometry = g;
    this.root.classList.toggle("narrow", g.narrow);
    this.root.style.setProperty("--row", g.row + "px");
    this.root.style.setProperty("--side", g.side + "px");
    this.images.rendition = g.row > 300 ? "medium" : "small";
    this.canvas.overscan = g.row < 120 ? 0.5 : 0.75;
  }
  #resized({ force = false } = {}) {
    const before = this.geometry;
    const height = this.viewport.height;
    if (!this.scroller.clientHeight) return; // hidden: everything stays as it is
    const wasTop = this.viewport.lastTop;
    const shown = !height || Math.abs(this.viewport.top() - wasTop) > 1;
    this.measure();
    if (!this.library.list.length) return;
    const { width, row } = this.geometry;
    if (!force && before && width === before.width && row === before.row) {
      if (shown && height) this.viewport.jump(wasTop, this.library.height);
      this.scrubber.draw();
      return this.draw();
    }
    const anchor = before ? takeAnchor(this) : null;
    const focused = this.keys.hasFocus();
    this.canvas.rebuild(
      () => {
        this.library.setGeometry(this.geometry);
        this.viewport.jump(placeOf(anchor, this.library), this.library.height);
      },
      () => this.draw(),
    );
    this.root.classList.toggle("short", this.library.height <= this.viewport.height * 1.5);
    this.keys.renew(focused);
    this.scrubber.draw();
    this.scrubber.update();
    this.viewport.settleSoon(150);
  }

  // --- what happens elsewhere ---------------------------------------------------------------
  #addressed(change) {
    const different = view.hasGrid && this.loading.stale;
    if (change.photo && (!view.photo || !different)) this.opening.follow();
    if (different) this.ready = this.load({ place: view.place });
    else if (change.path) this.refresh();
  }
  /** Opens the viewer at a picture; its uid goes into the address. */
  open(b, k) {
    this.opening.open(b, k);
  }
  #selected() {
    this.root.classList.toggle("selecting", this.selection.count > 0);
    this.canvas.markAll();
    this.emit("select", { count: this.selection.count });
  }
  /** Shows an action of ours before the server's new revision arrives. */
  #changed({ action, uids }) {
    const on = { favourite: true, unfavourite: false }[action];
    if (on !== undefined && uids.length <= 5000) this.library.setFavourite(uids, on, this.canvas);
    if (action === "trash" || action === "restore") this.selection.remove(uids);
    this.refresh();
  }

  // --- what the canvas asks -------------------------------------------------------------------
  isSelected = (uid) => this.selection.has(uid);
  isActive = (tile) => this.keys.isActive(tile);
  isGroupSelected = (what) => this.choosing.groupState(what);
  onRecycle = (tile) => this.keys.recycled(tile);
  onPicture() {
    this.stat.pictures += 1;
    this.stat.firstPictureMs ??= performance.now();
  }
  /** Scrolls as little as needed to show a picture whole; its bucket must be loaded. */
  show(b, k) {
    const [y, top] = [b.top + rowY(b, k), this.viewport.top()];
    const tile = this.canvas.tileAt(b, k);
    const h = tile?.offsetHeight ?? this.geometry.row;
    const above = this.geometry.dayHead + 8;
    if (y - above < top) this.jump(y - above);
    else if (y + h + 12 > top + this.viewport.height) this.jump(y + h + 12 - this.viewport.height);
    else if (!tile) this.draw();
  }
}
