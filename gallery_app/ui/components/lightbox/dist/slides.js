// What stands in a slide: the picture (small, then large, then the original's own pixels), a
// video, or a card that says why there is nothing to see.

import { el, icon } from "gallery-chrome/dom.js";
import { originalUrl, renditionUrl } from "gallery-core";
import { altText, shownByBrowser } from "./details.js";

export const FLAG = { video: 1, favourite: 2, ready: 4, unreadable: 8, animated: 16, truncated: 32 };
const LARGE_PX = 1600; // longest side of the `large` rendition
const GUESS_PX = 4000; // longest side assumed until the asset's real size is known

/** PhotoSwipe's data for one position; `item` null while the grid's columns are on their way. */
export function slideData(position, item, asset, tileImage) {
  if (!item) return { position, type: "gallery", kind: "pending", w: 0, h: 0 };
  const { uid, flags, version } = item;
  const base = { position, uid, item, w: 0, h: 0 };
  if (flags & FLAG.unreadable) return { ...base, type: "gallery", kind: "card" };
  if (flags & FLAG.video) return { ...base, type: "gallery", kind: "video" };
  const aspect = item.aspect || 1;
  const [w, h] = asset?.width && asset?.height
    ? [asset.width, asset.height]
    : aspect >= 1 ? [GUESS_PX, Math.round(GUESS_PX / aspect)] : [Math.round(GUESS_PX * aspect), GUESS_PX];
  return {
    ...base, type: "image", kind: "image", w, h,
    src: renditionUrl(uid, "large", version),
    msrc: tileImage ?? (flags & FLAG.ready ? renditionUrl(uid, "small", version) : undefined),
    alt: asset ? altText(asset) : "",
  };
}

/** The element of a slide that is no picture. */
export function specialElement(data, { asset, onRetry }) {
  const root = el("div", { class: "pswp__content gl-special" });
  if (data.kind === "pending") root.append(el("div", { class: "gl-spinner", role: "progressbar", "aria-label": "Loading" }));
  if (data.kind === "video") root.append(video(data));
  if (data.kind === "card") {
    const place = el("div", { class: "gl-card-place" });
    root.append(place);
    asset.then((known) => place.replaceChildren(card(known)), (error) => place.replaceChildren(errorCard(error.message, null, onRetry)));
  }
  return root;
}

function video(data) {
  const player = el("video", {
    class: "gl-video", controls: true, playsinline: true, preload: "metadata",
    poster: data.item.flags & FLAG.ready ? renditionUrl(data.uid, "large", data.item.version) : null,
    src: originalUrl(data.uid), "aria-label": "Video",
  });
  // The lower edge belongs to the player's controls; above it a drag still turns the page.
  player.addEventListener("pointerdown", (event) => {
    const box = player.getBoundingClientRect();
    if (event.clientY > box.bottom - 72) event.stopPropagation();
  });
  player.addEventListener("error", () => {
    player.replaceWith(errorCard("This browser cannot play the video. The file can be downloaded.", data.uid, null));
  });
  return player;
}

function card(asset) {
  return el("section", { class: "gl-card", "aria-label": "This file cannot be shown" },
    icon("image", 40),
    el("h2", { text: asset.filename }),
    el("p", { text: asset.problem?.sentence ?? asset.reason ?? "This file cannot be shown." }),
    downloadLink(asset.id));
}

/** A card for a picture that did not come: the server's sentence, retry, download. */
function errorCard(sentence, uid, onRetry) {
  return el("section", { class: "gl-card", role: "alert" },
    icon("warn", 36),
    el("p", { text: sentence }),
    el("div", { class: "gl-card-actions" },
      onRetry && el("button", { type: "button", class: "gl-button", text: "Try again", on: { click: onRetry } }),
      uid && downloadLink(uid)));
}

const downloadLink = (uid) => el("a", { class: "gl-button gl-button--plain", href: originalUrl(uid, true), download: true, text: "Download original" });

/** Fits a slide to the asset's real size, keeping what is on the screen where it is. */
export function applyAsset(slide, asset) {
  if (!slide || slide.data.kind !== "image") return;
  const image = slide.content.element;
  slide.data.alt = altText(asset);
  if (image?.tagName === "IMG") image.alt = slide.data.alt;
  const { width, height } = asset;
  if (!width || !height || (slide.width === width && slide.height === height)) return;
  const ratio = slide.width / width;
  const atRest = slide.currZoomLevel === slide.zoomLevels.initial;
  Object.assign(slide.data, { w: width, h: height });
  Object.assign(slide.content, { width, height });
  Object.assign(slide, { width, height });
  if (atRest || !slide.isActive) return slide.resize();
  slide.calculateSize();
  slide.currentResolution *= ratio;
  slide.currZoomLevel *= ratio;
  slide.bounds.update(slide.currZoomLevel);
  slide.updateContentSize(true);
  slide.panTo(slide.pan.x, slide.pan.y);
}

/**
 * Brings the original's own pixels once more of them are asked for than `large` has, and at once
 * for an animation. What the browser cannot show itself comes as `full`.
 */
export async function sharpen(slide, asset, zoom = slide?.currZoomLevel) {
  const image = slide?.content.element;
  if (!asset || slide.data.kind !== "image" || image?.tagName !== "IMG" || slide.data.sharp) return;
  const animated = asset.animated && shownByBrowser(asset);
  const wanted = Math.max(slide.width, slide.height) * zoom * devicePixelRatio;
  if (!animated && (wanted <= LARGE_PX * 1.05 || Math.max(asset.width, asset.height) <= LARGE_PX)) return;
  const native = shownByBrowser(asset);
  slide.data.sharp = true;
  const src = native ? originalUrl(slide.data.uid) : renditionUrl(slide.data.uid, "full", slide.data.item.version);
  const better = new Image();
  better.src = src;
  try {
    await better.decode();
  } catch {
    return; // `large` stays: it is a right picture, only smaller.
  }
  const shape = better.naturalWidth / better.naturalHeight;
  // A picture of another shape (changed meanwhile) would be distorted.
  if (!better.naturalWidth || Math.abs(shape * slide.height / slide.width - 1) > 0.02) return;
  if (slide.content.element === image) {
    image.src = src;
    image.dataset.sharp = native ? "original" : "full";
  }
}

/**
 * What stands for a picture that did not come: the server's sentence, below the small rendition
 * where there is one.
 */
export function failedCard({ uid, item }, retry) {
  const told = el("div", {}, errorCard("The photo could not be loaded.", uid, retry));
  const tell = (sentence) => told.replaceChildren(errorCard(sentence, uid, retry));
  fetch(renditionUrl(uid, "large", item.version)).then(async (answer) => {
    const sentence = answer.ok ? null : (await answer.json().catch(() => null))?.error?.message;
    if (sentence) tell(sentence);
  }, () => tell("The gallery does not answer. Is it still running?"));
  const small = !(item.flags & FLAG.ready) ? null
    : el("img", { class: "gl-small", src: renditionUrl(uid, "small", item.version), alt: "", draggable: "false", on: { error: () => small.remove() } });
  return el("div", { class: "gl-card-place" }, small, told);
}
