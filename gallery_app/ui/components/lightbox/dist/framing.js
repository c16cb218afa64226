// Which part of the picture one sees: the room it has, its zoom, and the keys' way of moving it.

const PHONE_PX = 700; // below, the information lies under the picture instead of beside it

export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Zoom at which one pixel of the original is one pixel of the screen. */
export function oneToOne(levels) {
  const one = 1 / devicePixelRatio;
  return levels.fit >= one * 0.98 ? Math.max(levels.fit * 2, 1) : one;
}

export class Framing {
  /** @param viewer {pswp, info}: both come once it opens */
  constructor(viewer) {
    this.viewer = viewer;
  }

  /** What the information panel takes of the window, px. */
  padding() {
    const { info } = this.viewer;
    const phone = innerWidth < PHONE_PX;
    const open = info?.open;
    return { top: 0, left: 0, right: open && !phone ? info.width : 0, bottom: open && phone ? Math.round(innerHeight * 0.55) : 0 };
  }

  /** The middle of what the panel leaves free. */
  centre() {
    const free = this.padding();
    return { x: (innerWidth - free.right) / 2, y: (innerHeight - free.bottom) / 2 };
  }

  /** Moves a picture that is larger than its room up or down. */
  pan(by) {
    const slide = this.viewer.pswp.currSlide;
    if (slide?.isPannable()) slide.panTo(slide.pan.x, slide.pan.y + by);
  }

  /** To the original's pixels, or back to the whole picture. */
  toggle() {
    this.viewer.pswp.currSlide?.toggleZoom(this.centre());
  }

  /** Closer by a factor, about the middle. */
  by(factor) {
    const { pswp } = this.viewer;
    const slide = pswp.currSlide;
    slide?.zoomTo(slide.currZoomLevel * factor, this.centre(), pswp.options.zoomAnimationDuration);
  }
}
