// The viewer: PhotoSwipe over the grid's own positions. Three slides stand in the page however
// many pictures there are; everything else is asked of the source when it is needed.

import PhotoSwipe from "./vendor/photoswipe.esm.min.js";
import { announcer, deepActive, ensureStyles } from "gallery-chrome/dom.js";
import { format, prefix, toastError } from "gallery-core";
import { altText } from "./details.js";
import { Framing, oneToOne, still } from "./framing.js";
import { InfoPanel } from "./info.js";
import { listenToKeys } from "./keys.js";
import { Pictures } from "./pictures.js";
import { applyAsset, failedCard, sharpen, slideData, specialElement } from "./slides.js";
import { Toolbar } from "./toolbar.js";

export const stylesReady = Promise.all([
  ensureStyles(new URL("./vendor/photoswipe.css", import.meta.url)),
  ensureStyles(new URL("./lightbox.css", import.meta.url)),
]);

export class Viewer {
  /**
   * @param source {total, at(position), positionOf(uid), tileRect(uid), reveal(position), and if it can peek, tileImage}
   * @param options {position, onChange(uid, position), onClose(uid), verbs, trashed}
   *   `verbs`: favourite(uid, on), trash(uid), restore(uid), link(uids), compare(uid, other), shortcuts(), all optional
   */
  constructor(source, { position, onChange, onClose, verbs = {}, trashed = false }) {
    Object.assign(this, { source, onChange, onClose, verbs, trashed });
    this.pictures = new Pictures(source);
    this.framing = new Framing(this);
    this.say = announcer();
    this.returnTo = deepActive();
    this.start = position;
    this.counters = { opened: performance.now(), shown: 0, slides: 0 };
  }

  /** Opens over the tile at the start position; resolves once the slide is in the page. */
  async open() {
    const [item] = await Promise.all([this.pictures.at(this.start), stylesReady]);
    if (!item) return this.onClose?.(null);
    // The size is nearly always here before the first frame; it decides how far a small one grows.
    await Promise.race([this.asset(item.uid).catch(() => null), new Promise((go) => setTimeout(go, 40))]);
    if (this.unwanted) return this.onClose?.(null);
    const pswp = (this.pswp = new PhotoSwipe({
      dataSource: [], index: this.start, loop: false, bgOpacity: 1, spacing: 0.06, preload: [1, 2], mainClass: "gl",
      showHideAnimationType: this.source.tileRect?.(item.uid) ? "zoom" : "fade",
      showAnimationDuration: 240, hideAnimationDuration: 200, zoomAnimationDuration: still() ? 0 : 220,
      wheelToZoom: true, trapFocus: false, returnFocus: false, escKey: false, arrowKeys: false,
      close: false, zoom: false, counter: false, arrowPrev: false, arrowNext: false, preloader: false,
      imageClickAction: false, bgClickAction: "close", tapAction: "toggle-controls", doubleTapAction: "zoom",
      secondaryZoomLevel: oneToOne, maxZoomLevel: (levels) => Math.max(4 * oneToOne(levels), levels.fit * 3),
      paddingFn: () => this.framing.padding(),
    }));
    this.bind(pswp);
    pswp.init();
    this.prefetch(this.start);
  }

  /** Closes; while the viewer is still opening, as soon as it has. */
  close() {
    const { pswp } = this;
    if (!pswp) this.unwanted = true;
    else if (pswp.opener.isOpening) pswp.on("openingAnimationEnd", () => pswp.close());
    else pswp.close();
  }

  /** Shows another picture, e.g. because the address says so. */
  async show(uid) {
    if (uid === this.uid) return;
    const position = await this.source.positionOf(uid);
    if (position !== null && position !== undefined && position >= 0) this.pswp?.goTo(position);
  }

  /** Goes to a picture that may not be in this list; then it opens beside the gallery. */
  async visit(uid) {
    const position = await this.source.positionOf(uid);
    if (position >= 0) this.pswp?.goTo(position);
    else window.open(`${prefix()}/?photo=${uid}`, "_blank", "noopener");
  }

  get uid() { return this.pswp?.currSlide?.data.uid ?? null; }
  get item() { return this.pswp?.currSlide?.data.item ?? null; }
  get position() { return this.pswp?.currIndex ?? this.start; }

  /** "3 of 12,345": in page mode too, where the list has only one page. */
  get place() {
    const paging = this.source.engine?.library.paging;
    const before = paging ? (paging.page - 1) * paging.perPage : 0;
    return `${format.count(before + this.position + 1)} of ${format.count(paging?.all ?? this.source.total)}`;
  }

  // --- what is where -----------------------------------------------------------------------

  /** The whole asset, as `Pictures.asset`. */
  asset(uid, fresh = false) {
    return this.pictures.asset(uid, fresh);
  }

  /** Takes over an asset that the server has just answered a change with. */
  keep(asset) {
    this.pictures.put(asset);
    if (asset.id === this.uid) this.refreshChrome();
  }

  async prefetch(position) {
    for (const step of [0, 1, -1, 2, -2]) {
      const at = position + step;
      if (this.pictures.held(at)) continue;
      const item = await this.pictures.at(at);
      if (item && this.pswp && !this.pswp.isDestroying && Math.abs(at - this.pswp.currIndex) <= 1) this.refill(at);
    }
    for (const step of [1, -1]) {
      const item = this.pictures.held(position + step);
      if (item) this.asset(item.uid).catch(() => null);
    }
  }

  /** Fills a slide that was still waiting for its picture. */
  refill(position) {
    const waiting = this.pswp.mainScroll.itemHolders.some(({ slide }) => slide?.index === position && slide.data.kind === "pending");
    if (waiting) this.pswp.refreshSlideContent(position);
  }

  /** After the list changed (upload, trash, filter): the same picture may have a new place. */
  async relocate() {
    const { pswp, uid } = this;
    if (!pswp || pswp.isDestroying || !uid) return;
    const position = await this.source.positionOf(uid);
    this.pictures.forgetPlaces();
    if (!this.source.total) return this.close();
    if (position === null || position === undefined || position < 0) return pswp.goTo(Math.min(pswp.currIndex, this.source.total - 1));
    const moved = position - pswp.currIndex;
    if (moved) {
      pswp.contentLoader.removeByIndex(pswp.currIndex);
      pswp.currIndex += moved;
      pswp.potentialIndex += moved;
      for (const { slide } of pswp.mainScroll.itemHolders)
        if (slide) { slide.index += moved; slide.content.index += moved; slide.data.position += moved; }
    }
    await this.prefetch(position);
    for (const step of [-1, 1]) pswp.contentLoader.removeByIndex(position + step);
    const { itemHolders } = pswp.mainScroll;
    [-1, 1].forEach((step) => { const holder = itemHolders[1 + step]; if (holder) pswp.setContent(holder, position + step, true); });
    this.refreshChrome();
  }

  // --- PhotoSwipe ------------------------------------------------------------------------------

  bind(pswp) {
    pswp.addFilter("numItems", () => this.source.total);
    pswp.addFilter("itemData", (_, index) => {
      const item = this.pictures.peek(index);
      if (!item) this.pictures.at(index).then((got) => got && !pswp.isDestroying && this.refill(index));
      return slideData(index, item, item && this.pictures.known(item.uid), item && this.source.tileImage?.(item.uid));
    });
    pswp.addFilter("placeholderSrc", (src, content) => content.data.msrc ?? false);
    pswp.addFilter("thumbBounds", (bounds, data) => {
      const rect = data.uid && this.source.tileRect?.(data.uid);
      return rect ? { x: rect.left ?? rect.x, y: rect.top ?? rect.y, w: rect.width ?? rect.w } : bounds;
    });
    pswp.on("contentLoad", (event) => {
      const { content } = event;
      this.counters.slides++;
      if (content.type !== "gallery") return;
      event.preventDefault();
      content.element = specialElement(content.data, {
        asset: content.data.uid ? this.asset(content.data.uid) : Promise.resolve(null),
        onRetry: () => pswp.refreshSlideContent(content.index),
      });
      content.state = "loaded";
    });
    pswp.addFilter("contentErrorElement", (_, { data, index }) => failedCard(data, () => {
      this.asset(data.uid, true).catch(() => null);
      pswp.refreshSlideContent(index);
    }));
    pswp.on("contentDeactivate", ({ content }) => content.element?.querySelector?.("video")?.pause());
    pswp.on("loadComplete", ({ slide, isError }) => {
      this.spinning();
      if (isError) return;
      if (slide.isActive && !this.counters.shown) this.counters.shown = performance.now();
      this.fit(slide);
    });
    for (const name of ["beforeZoomTo", "zoomPanUpdate"])
      pswp.on(name, (event) => {
        const slide = pswp.currSlide;
        const asset = slide && this.pictures.known(slide.data.uid);
        if (asset && pswp.opener.isOpen) sharpen(slide, asset, event.destZoomLevel ?? slide.currZoomLevel);
        this.toolbar?.zoomed(slide);
      });
    pswp.on("uiRegister", () => this.dress(pswp));
    pswp.on("change", () => this.changed());
    pswp.on("openingAnimationEnd", () => {
      pswp.updateSize(true); // the panel may have been opened or shut meanwhile, and the animation knew nothing of it
      this.spinning();
      this.refreshChrome();
    });
    pswp.on("keydown", (event) => event.preventDefault()); // all keys are ours, see keys.js
    pswp.on("close", () => this.closing());
    pswp.on("destroy", () => this.closed());
  }

  dress(pswp) {
    const root = pswp.element;
    root.setAttribute("aria-label", "Photo viewer");
    root.setAttribute("aria-modal", "true");
    this.toolbar = new Toolbar(this);
    this.info = new InfoPanel(this);
    root.append(...this.toolbar.elements, this.info.element);
    let pointer = "";
    root.addEventListener("pointerdown", (event) => { pointer = event.pointerType; }, { capture: true });
    root.addEventListener("dblclick", (event) => {
      // a double tap is PhotoSwipe's own
      if (pointer === "mouse" && event.target.closest(".pswp__img")) pswp.currSlide?.toggleZoom({ x: event.clientX, y: event.clientY });
    });
    root.addEventListener("wheel", (event) => { if (event.target.closest(".gl-info")) event.stopPropagation(); }, { capture: true });
    this.keys = listenToKeys(this);
    root.tabIndex = -1;
    root.focus({ preventScroll: true });
  }

  changed() {
    const { pswp } = this;
    const { uid } = this;
    clearTimeout(this.settle);
    this.prefetch(pswp.currIndex);
    this.refreshChrome();
    if (!uid) return;
    this.onChange?.(uid, pswp.currIndex);
    this.asset(uid).then((asset) => {
      if (this.uid !== uid || pswp.isDestroying) return;
      this.fit(pswp.currSlide);
      this.refreshChrome();
      this.say(`${this.place}. ${altText(asset)}`);
    }, () => this.refreshChrome());
    // The grid behind follows, so that closing finds its tile.
    this.settle = setTimeout(() => !pswp.isDestroying && this.source.reveal?.(pswp.currIndex), 250);
  }

  fit(slide) {
    const asset = slide && this.pictures.known(slide.data.uid);
    if (!asset || !this.pswp.opener.isOpen) return;
    applyAsset(slide, asset);
    if (!slide.isActive) return;
    // A large or dense screen shows more pixels than `large` has; not while one leafs through.
    clearTimeout(this.rest);
    this.rest = setTimeout(() => slide.isActive && !this.pswp?.isDestroying && sharpen(slide, asset), asset.animated ? 0 : 350);
  }

  refreshChrome() {
    if (!this.toolbar || this.pswp.isDestroying) return;
    const asset = this.uid ? this.pictures.known(this.uid) : null;
    if (this.pswp.opener.isOpen && asset) this.fit(this.pswp.currSlide);
    this.toolbar.update(this.item, asset);
    this.info.update(this.uid, asset);
  }

  /** Shows the spinner only when the picture takes its time. */
  spinning() {
    clearTimeout(this.waiting);
    const content = this.pswp?.currSlide?.content;
    const busy = Boolean(content?.isLoading?.());
    this.pswp?.element?.classList.remove("gl--busy");
    if (busy) this.waiting = setTimeout(() => {
      if (this.pswp?.currSlide?.content === content && content.isLoading()) this.pswp.element.classList.add("gl--busy");
    }, 350);
  }

  // --- verbs --------------------------------------------------------------------------

  step(by) {
    const to = this.pswp.potentialIndex + by;
    if (to >= 0 && to < this.source.total) this.pswp.goTo(to);
  }

  async favourite() {
    const { uid } = this;
    const asset = uid && await this.asset(uid).catch(() => null);
    if (!asset) return;
    const on = !asset.favourite;
    this.keep({ ...asset, favourite: on });
    try {
      await this.verbs.favourite(uid, on);
      this.say(on ? "Added to favourites" : "Removed from favourites");
    } catch (error) {
      this.keep(asset);
      toastError(error);
    }
  }

  download() {
    this.toolbar.download();
  }

  compare(other) {
    if (this.uid) this.verbs.compare?.(this.uid, other);
  }

  link() {
    if (this.uid) this.verbs.link?.([this.uid]);
  }

  async trash() {
    const { uid } = this;
    if (!uid) return;
    const last = this.source.total <= 1;
    await (this.trashed ? this.verbs.restore?.(uid) : this.verbs.trash?.(uid));
    if (this.uid !== uid) return;
    if (last) this.close();
    else this.step(this.position + 1 < this.source.total ? 1 : -1);
  }

  // --- the end -----------------------------------------------------------------------------------

  closing() {
    for (const timer of [this.settle, this.waiting, this.rest]) clearTimeout(timer);
    this.keys?.abort();
    this.lastUid = this.uid;
    this.lastIndex = this.pswp.currIndex;
    this.source.reveal?.(this.lastIndex);
    this.pswp.currSlide?.content.element?.querySelector?.("video")?.pause();
    this.toolbar.destroy();
    this.info.destroy();
  }

  closed() {
    const uid = this.lastUid;
    this.pswp = null;
    this.onClose?.(uid);
    if (this.returnTo?.isConnected) this.returnTo.focus({ preventScroll: true });
    this.source.reveal?.(this.lastIndex, { focus: true });
  }
}
