// The window over a list that may be longer than a browser can scroll (33 million px in
// Chromium, 18 in Firefox): at most 4 million px are real, `base` says where they begin.
// Corrections of height above the window go into `base`: what is seen never moves.

export const WINDOW = 4_000_000;

export class Viewport {
  constructor(scroller, spacer, { onScroll, onIdle, onBase, signal }) {
    this.scroller = scroller;
    this.spacer = spacer;
    this.onScroll = onScroll;
    this.onIdle = onIdle;
    this.onBase = onBase;
    this.base = 0;
    this.total = 0;
    this.height = 0;
    this.width = 0;
    this.velocity = 0; // px per ms
    this.lastTime = 0;
    this.lastTop = 0;
    this.spacerHeight = -1;
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true, signal });
    signal.addEventListener("abort", () => clearTimeout(this.idle));
  }

  measure() {
    this.height = this.scroller.clientHeight;
    this.width = this.scroller.clientWidth;
  }
  /** How far down the whole list the upper edge stands. */
  top() {
    return this.base + this.scroller.scrollTop;
  }
  get end() {
    return Math.max(0, this.total - this.height);
  }
  /** Screens per second. */
  get screens() {
    return this.height ? (1000 * this.velocity) / this.height : 0;
  }

  setTotal(total) {
    this.total = total;
    const height = Math.max(0, Math.min(WINDOW, total - this.base));
    if (height === this.spacerHeight) return;
    this.spacerHeight = height;
    this.spacer.style.height = height + "px";
  }
  /** The list above what is seen grew by `delta` (total already new): nothing may move. */
  shift(delta, total) {
    if (!delta) return this.setTotal(total);
    const scrolled = this.scroller.scrollTop;
    const base = this.base + delta;
    const fits = base + scrolled >= 0 && base + scrolled + this.height <= total;
    if (fits && (total > WINDOW ? base > 0 : this.velocity > 0)) {
      this.base = base;
      this.setTotal(total);
      this.lastTop += delta;
      this.onBase();
    } else this.#move(total > WINDOW ? this.#centred(base + scrolled, total) : 0, base + scrolled, total);
  }
  jump(to, total = this.total) {
    const top = Math.max(0, Math.min(to, Math.max(0, total - this.height)));
    this.#move(this.#centred(top, total), top, total);
  }
  #centred(top, total) {
    return total > WINDOW ? Math.max(0, Math.min(top - WINDOW / 2, total - WINDOW)) : 0;
  }
  #move(base, top, total) {
    this.base = Math.round(base);
    this.setTotal(total);
    const to = Math.max(0, Math.round(top - this.base));
    if (this.scroller.scrollTop !== to) this.scroller.scrollTop = to;
    this.lastTop = this.top();
    this.onBase();
  }

  #scrolled() {
    const now = performance.now();
    const top = this.top();
    const passed = now - this.lastTime;
    if (passed > 0) this.velocity = Math.abs(top - this.lastTop) / passed;
    this.lastTime = now;
    this.lastTop = top;
    this.onScroll();
    this.settleSoon(90);
    const at = this.scroller.scrollTop;
    const margin = this.total > WINDOW ? 20_000 : 2 * this.height;
    const nearTop = this.base > 0 && at < margin;
    const nearEnd = at > WINDOW - 2 * margin && this.base + WINDOW < this.total;
    if (nearTop || nearEnd || top < 0) this.recentre({ urgent: true });
  }
  settleSoon(ms) {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => {
      this.velocity = 0;
      this.recentre();
      this.onIdle();
    }, ms);
  }
  /** Moves the window so that there is room to scroll both ways; what is seen stays. */
  recentre({ urgent = false } = {}) {
    const top = Math.max(0, Math.min(this.top(), this.end));
    const base = Math.round(this.#centred(top, this.total));
    const off = Math.abs(base - this.base);
    if (off && (urgent || this.total <= WINDOW || off > WINDOW * 0.1)) this.#move(base, top, this.total);
  }
}
