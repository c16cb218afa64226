// The rail at the right edge: years along the height of the list, a handle, a label while it is
// used. A slider for the keyboard: arrows by month, Page keys by year, Home and End.
import { monthShort, monthTitle } from "gallery-core/format.js";

export class Scrubber {
  constructor(rail, { library, viewport, jump, signal }) {
    Object.assign(this, { rail, library, viewport, jump });
    this.handle = rail.querySelector(".handle");
    this.tip = rail.querySelector(".tip");
    this.years = rail.querySelector(".years");
    this.height = 0;
    this.shown = "";
    const on = (name, fn) => rail.addEventListener(name, fn, { signal });
    on("pointerdown", (e) => this.#grab(e));
    on("pointermove", (e) => !this.dragging && this.#hover(e));
    on("pointerleave", () => rail.classList.remove("hover"));
    on("keydown", (e) => this.#key(e));
    on("wheel", (e) => (viewport.scroller.scrollTop += e.deltaY));
  }

  /** Draws the years anew (the list or its heights changed). */
  draw() {
    const { list, height } = this.library;
    this.height = this.rail.clientHeight;
    const marks = [];
    let year = null;
    let last = -99;
    let dot = -99;
    for (const b of list) {
      if (!b.month || b.continues) continue;
      const y = Math.round((b.top / Math.max(1, height)) * this.height);
      if (b.month.year !== year && y - last >= 26 && y < this.height - 10) {
        marks.push([y, b.month.year]);
        last = dot = y;
      } else if (y - dot >= 9 && y - last >= 22) {
        marks.push([y, null]);
        dot = y;
      }
      if (b.month.year !== year) year = b.month.year;
    }
    // a dot too near the year below it would touch its figures
    const clear = marks.filter(([y, text], i) => text || !(marks[i + 1]?.[1] && marks[i + 1][0] - y < 8));
    this.years.replaceChildren(
      ...clear.map(([y, text]) => {
        const mark = document.createElement(text ? "span" : "i");
        if (text) mark.textContent = text;
        mark.style.transform = `translateY(${y}px)`;
        return mark;
      }),
    );
    this.shown = "";
    this.rail.setAttribute("aria-valuemax", Math.max(0, list.length - 1));
  }
  /** Puts the handle where the window stands. */
  update() {
    const { viewport } = this;
    if (!this.height) return;
    const part = viewport.end ? Math.max(0, Math.min(1, viewport.top() / viewport.end)) : 0;
    const y = Math.round(part * (this.height - 2));
    if (y !== this.y) this.handle.style.transform = `translateY(${(this.y = y)}px)`;
    if (!this.dragging && this.rail.classList.contains("hover")) return;
    this.#say(this.library.bucketAtY(viewport.top() + viewport.height * part * 0.9), y);
  }
  /** On a phone the handle shows itself only while there is scrolling. */
  showHandle(root) {
    if (!this.handleTimer) root.classList.add("scrolling");
    clearTimeout(this.handleTimer);
    this.handleTimer = setTimeout(() => {
      this.handleTimer = null;
      root.classList.remove("scrolling");
    }, 1500);
  }
  #say(b, y) {
    if (!b) return;
    this.tip.style.transform = `translateY(${Math.max(0, Math.min(this.height - 30, y - 15))}px)`;
    if (b.key === this.shown) return;
    this.shown = b.key;
    this.tip.textContent = b.month ? monthShort(b.month) : b.label;
    this.rail.setAttribute("aria-valuenow", b.index);
    this.rail.setAttribute("aria-valuetext", b.month ? monthTitle(b.month) : b.label);
  }
  #at(e) {
    const box = this.rail.getBoundingClientRect();
    return Math.max(0, Math.min(1, (e.clientY - box.top) / box.height));
  }
  #hover(e) {
    if (e.pointerType === "touch") return;
    this.rail.classList.add("hover");
    const part = this.#at(e);
    this.#say(this.library.bucketAtY(part * this.library.height), part * this.height);
  }
  #grab(e) {
    if (e.button) return;
    e.preventDefault();
    this.rail.focus({ preventScroll: true });
    this.rail.setPointerCapture(e.pointerId);
    this.rail.classList.remove("hover");
    this.rail.classList.add("dragging");
    this.dragging = true;
    const go = (event) => this.jump(this.#at(event) * this.viewport.end, { scrubbing: true });
    const stop = () => {
      this.dragging = false;
      this.rail.classList.remove("dragging");
      this.rail.removeEventListener("pointermove", go);
      this.jump(this.viewport.top());
    };
    go(e);
    this.rail.addEventListener("pointermove", go);
    for (const name of ["pointerup", "pointercancel"])
      this.rail.addEventListener(name, stop, { once: true });
  }
  #key(e) {
    const { list } = this.library;
    if (!list.length) return;
    const here = this.library.bucketAtY(this.viewport.top() + 1).index;
    const year = (step) => {
      const from = list[here].month?.year;
      let i = here;
      while (list[i + step] && list[i].month?.year === from) i += step;
      return i;
    };
    const to = {
      ArrowDown: () => here + 1, ArrowRight: () => here + 1, ArrowUp: () => here - 1,
      ArrowLeft: () => here - 1, PageDown: () => year(1), PageUp: () => year(-1), Home: () => 0,
      End: () => list.length - 1,
    }[e.key]?.();
    if (to === undefined) return;
    e.preventDefault();
    const b = list[Math.max(0, Math.min(list.length - 1, to))];
    this.jump(e.key === "End" ? this.viewport.end : b.top);
  }
}
