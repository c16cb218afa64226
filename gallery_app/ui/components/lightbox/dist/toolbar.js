// The viewer's bar: place in the list, what may be done with the picture, arrows, caption.

import { el, icon, iconButton } from "gallery-chrome/dom.js";
import { attachPopover, fillMenu } from "gallery-chrome/popover.js";
import { format, originalUrl, renditionUrl } from "gallery-core";
import { kindText, shownByBrowser } from "./details.js";
import { FLAG } from "./slides.js";

/** Downloads an address by a link of our own, which keeps the page where it is. */
function saveAs(href, name = "") {
  const anchor = el("a", { href, download: name });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
}

export class Toolbar {
  constructor(viewer) {
    this.viewer = viewer;
    const { trashed } = viewer;
    this.counter = el("span", { class: "gl-counter" });
    this.name = el("span", { class: "gl-name" });
    this.heart = iconButton("heart", "Favourite (f)", () => viewer.favourite(), { class: "gl-heart", "aria-pressed": "false" });
    this.zoom = iconButton("one", "Original pixels (z)", () => viewer.framing.toggle(), { class: "gl-wide", "aria-pressed": "false" });
    this.infoButton = iconButton("info", "Information (i)", () => viewer.info.toggle(), { "aria-pressed": "false" });
    this.saveButton = iconButton("download", "Download (d)", () => {});
    this.menu = attachPopover(this.saveButton, { label: "Download", role: "menu", align: "end", fill: (panel, pop) => this.fillDownloads(panel, pop) });
    this.menu.panel.classList.add("gl-menu");
    const linkButton = iconButton("link", "Share by link (l)", () => viewer.link());
    const trash = trashed
      ? iconButton("restore", "Restore (#)", () => viewer.trash())
      : iconButton("trash", "Move to trash (Delete)", () => viewer.trash());
    this.bar = el("div", { class: "gl-bar pswp__hide-on-close", role: "toolbar", "aria-label": "Picture" },
      iconButton("close", "Close (Esc)", () => viewer.close(), { class: "gl-close" }),
      el("div", { class: "gl-place" }, this.counter, this.name),
      this.zoom, this.heart, !trashed && linkButton, this.saveButton, trash, this.infoButton);
    this.prev = el("button", { type: "button", class: "gl-arrow gl-arrow--prev pswp__hide-on-close", "aria-label": "Previous photo", on: { click: () => viewer.step(-1) } }, icon("left", 28));
    this.next = el("button", { type: "button", class: "gl-arrow gl-arrow--next pswp__hide-on-close", "aria-label": "Next photo", on: { click: () => viewer.step(1) } }, icon("right", 28));
    this.caption = el("p", { class: "gl-caption pswp__hide-on-close", hidden: true });
    this.spinner = el("div", { class: "gl-spinner gl-spinner--over", role: "progressbar", "aria-label": "Loading" });
    this.elements = [this.bar, this.prev, this.next, this.caption, this.spinner];
  }

  /** Shows what is known of the current picture. */
  update(item, asset) {
    const { position, source } = this.viewer;
    this.asset = asset;
    this.item = item;
    this.counter.textContent = this.viewer.place;
    this.name.textContent = asset?.filename ?? "";
    const loved = asset ? asset.favourite : Boolean(item && item.flags & FLAG.favourite);
    this.heart.setAttribute("aria-pressed", String(loved));
    this.prev.disabled = position <= 0;
    this.next.disabled = position >= source.total - 1;
    const words = asset?.title || asset?.caption || "";
    this.caption.textContent = words;
    this.caption.hidden = !words;
    this.spinnerOff();
  }

  spinnerOff() { this.viewer.spinning(); }

  zoomed(slide) {
    if (!slide) return;
    const away = slide.currZoomLevel > slide.zoomLevels.initial * 1.01;
    this.zoom.setAttribute("aria-pressed", String(away));
    this.zoom.disabled = !slide.isZoomable();
    this.viewer.pswp.element.classList.toggle("gl--zoomed", away);
  }

  /** The `d` key: the original, at once. */
  download() {
    if (this.item) saveAs(originalUrl(this.item.uid, true));
  }

  fillDownloads(panel, pop) {
    const { uid, version } = this.item ?? {};
    const asset = this.asset;
    if (!uid) return;
    const stem = (asset?.filename ?? uid).replace(/\.[^.]+$/, "");
    const sized = (name, px, suffix) => ({
      label: `${name[0].toUpperCase()}${name.slice(1)}`, hint: `up to ${px} px, no metadata`,
      disabled: Boolean(asset && asset.status === "unreadable"),
      run: () => saveAs(renditionUrl(uid, name, version), `${stem}-${name}.${suffix}`),
    });
    const about = asset ? [kindText(asset.type), format.bytes(asset.size_bytes)].filter(Boolean).join(", ") : "as it was received";
    fillMenu(panel, pop, [
      { label: "Original", hint: about, run: () => this.download() },
      { separator: true },
      sized("large", 1600, "jpg"), sized("medium", 800, "webp"), sized("small", 400, "webp"),
      asset && shownByBrowser(asset) && { separator: true },
      asset && shownByBrowser(asset) && { label: "Open original in a new tab", run: () => window.open(originalUrl(uid), "_blank", "noopener") },
    ].filter(Boolean));
  }

  destroy() {
    this.menu.close();
    this.menu.destroy();
  }
}
