// Two pictures side by side with one zoom: what is done to one is done to the other, at the same
// spot of each. Built for a ticket's photo beside the product's, and for copies that look alike.

import { el, iconButton } from "gallery-chrome/dom.js";
import { originalUrl, renditionUrl, view } from "gallery-core";
import { altText, shownByBrowser } from "./details.js";
import { owedText, systemText } from "./origins.js";
import { clampPan, zoomAt } from "./locked.js";

const MOST = 12;
const SHARP_FROM = 1.6; // beyond this the original's own pixels are fetched

/** Opens the comparison of two assets; resolves when it is closed, at the latest with the viewer. */
export async function openCompare(left, right) {
  let unfollow = null;
  await new Promise((done) => {
    const compare = new Compare([left, right], done);
    unfollow = view.subscribe((change) => change.photo && !view.photo && compare.dialog.close());
    compare.show();
  });
  unfollow();
}

/** What a picture of a product is called; a complaint keeps its own name. */
const productName = (asset) => ((asset.entities ?? []).some(({ type }) => type === "ticket") ? "" : (asset.entities ?? []).find(({ type }) => type === "product")?.name);

class Compare {
  constructor(assets, done) {
    this.zoom = 1;
    this.pan = { x: 0, y: 0 }; // in shares of a pane, from its centre
    this.locked = true;
    this.own = assets.map(() => ({ zoom: 1, pan: { x: 0, y: 0 } })); // of each side, when not locked
    this.panes = assets.map((asset, at) => this.pane(asset, at));
    const lock = iconButton("link", "Zoom both together (k)", () => this.toggleLock(), { "aria-pressed": "true", class: "gl-lock" });
    this.lockButton = lock;
    this.size = el("output", { class: "gl-counter", "aria-live": "off" });
    this.told = el("span", { class: "gc-sr", role: "status" }); // in here: all outside is inert
    this.dialog = el("dialog", { class: "gl gl-compare", "aria-label": "Compare two pictures" },
      el("header", { class: "gl-compare-bar" }, iconButton("close", "Close (Esc)", () => this.dialog.close()), this.size, this.told, el("span", { class: "gl-compare-gap" }),
        lock, iconButton("minus", "Smaller (−)", () => this.step(1 / 1.5)), iconButton("plus", "Larger (+)", () => this.step(1.5)), iconButton("fit", "Fit (0)", () => this.fit())),
      el("div", { class: "gl-compare-panes" }, this.panes.map((pane) => pane.element)));
    this.dialog.addEventListener("keydown", (event) => this.onKey(event));
    this.dialog.addEventListener("close", () => { this.dialog.remove(); done(); });
  }

  show() {
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.draw();
  }

  pane(asset, at) {
    const image = el("img", { class: "gl-compare-img", alt: altText(asset), draggable: "false", src: renditionUrl(asset.id, "large", asset.version) });
    const wait = el("div", { class: "gl-spinner", role: "progressbar", "aria-label": "Loading" });
    const stage = el("div", { class: "gl-compare-stage" }, image, wait);
    image.addEventListener("load", () => wait.remove());
    image.addEventListener("error", () => stage.replaceChildren(el("p", { class: "gl-info-wait", role: "alert", text: "This picture could not be loaded." })));
    const live = (asset.occurrences ?? []).filter((one) => !one.gone_at);
    const owed = owedText(live.find((one) => one.attribution)?.attribution);
    const where = [...new Set(live.map((one) => systemText(one.system)).filter(Boolean))].join(", ");
    const figure = el("figure", { class: "gl-compare-pane" }, stage,
      el("figcaption", {}, el("b", { text: asset.title || productName(asset) || asset.filename }), el("span", { text: [where, asset.width ? `${asset.width} × ${asset.height} px` : ""].filter(Boolean).join(" · ") }), owed && el("small", { text: owed })));
    stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.scale(at, Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0022)), this.spot(stage, event));
    }, { passive: false });
    stage.addEventListener("dblclick", (event) => this.scale(at, this.of(at).zoom > 1.01 ? 1 / MOST : 3, this.spot(stage, event)));
    this.drag(stage, at);
    return { element: figure, stage, image, asset, sharp: false };
  }

  /** Where the pointer is, in shares of the pane from its centre. */
  spot(stage, event) {
    const box = stage.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width - 0.5, y: (event.clientY - box.top) / box.height - 0.5 };
  }

  drag(stage, at) {
    const fingers = new Map();
    stage.addEventListener("pointerdown", (event) => {
      stage.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, event);
    });
    stage.addEventListener("pointermove", (event) => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      const box = stage.getBoundingClientRect();
      const other = [...fingers.values()].find((one) => one.pointerId !== event.pointerId);
      if (other) {
        const far = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
        this.scale(at, far(event) / far(before), this.spot(stage, { clientX: (event.clientX + other.clientX) / 2, clientY: (event.clientY + other.clientY) / 2 }));
      } else this.move(at, (event.clientX - before.clientX) / box.width, (event.clientY - before.clientY) / box.height);
      fingers.set(event.pointerId, event);
    });
    for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, (event) => fingers.delete(event.pointerId));
  }

  of(at) { return this.locked ? this : this.own[at]; }

  scale(at, factor, spot = { x: 0, y: 0 }) {
    const state = this.of(at);
    Object.assign(state, zoomAt(state, factor, spot, MOST));
    this.draw();
  }

  move(at, x, y) {
    const state = this.of(at);
    state.pan = clampPan({ x: state.pan.x + x, y: state.pan.y + y }, state.zoom);
    this.draw();
  }

  /** Does to both what is meant for both; once, where they share a state. */
  both(verb) {
    for (const at of this.locked ? [0] : [0, 1]) verb(at);
  }

  step(factor) {
    this.both((at) => this.scale(at, factor));
  }

  fit() {
    for (const state of [this, ...this.own]) Object.assign(state, { zoom: 1, pan: { x: 0, y: 0 } });
    this.draw();
  }

  toggleLock() {
    this.locked = !this.locked;
    if (this.locked) Object.assign(this, { zoom: this.own[0].zoom, pan: this.own[0].pan });
    else this.own = this.panes.map(() => ({ zoom: this.zoom, pan: { ...this.pan } }));
    this.lockButton.setAttribute("aria-pressed", String(this.locked));
    this.told.textContent = this.locked ? "Both pictures zoom together" : "Each picture zooms by itself";
    this.draw();
  }

  draw() {
    this.panes.forEach((pane, at) => {
      const { zoom, pan } = this.of(at);
      pane.image.style.transform = `translate(${pan.x * 100}%, ${pan.y * 100}%) scale(${zoom})`;
      if (zoom > SHARP_FROM && !pane.sharp) this.sharpen(pane);
    });
    const sizes = this.panes.map((_, at) => (this.of(at).zoom < 1.005 ? "Fit" : `${+this.of(at).zoom.toFixed(1)} ×`));
    this.size.textContent = [...new Set(sizes)].join(" | ");
  }

  /** Puts the original's pixels in place once they are there; until then the rendition stands. */
  sharpen(pane) {
    pane.sharp = true;
    const { asset } = pane;
    if (asset.type === "video" || Math.max(asset.width, asset.height) <= 1600) return;
    const full = new Image();
    full.src = shownByBrowser(asset) ? originalUrl(asset.id) : renditionUrl(asset.id, "full", asset.version);
    full.decode().then(() => { pane.image.src = full.src; }, () => null);
  }

  onKey(event) {
    event.stopPropagation(); // the viewer below has keys of its own
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const pan = (x, y) => this.both((at) => this.move(at, x, y));
    const verb = {
      "+": () => this.step(1.5), "=": () => this.step(1.5), "-": () => this.step(1 / 1.5), 0: () => this.fit(), k: () => this.toggleLock(),
      c: () => this.dialog.close(),
      ArrowLeft: () => pan(0.08, 0), ArrowRight: () => pan(-0.08, 0), ArrowUp: () => pan(0, 0.08), ArrowDown: () => pan(0, -0.08),
    }[event.key];
    if (!verb) return;
    event.preventDefault();
    verb();
  }
}

