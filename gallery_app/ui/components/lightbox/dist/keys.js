// What the keys do in the viewer. They are ours alone: neither PhotoSwipe nor the grid hears them.

import { trapTab, typing } from "gallery-chrome/dom.js";

/** Gives the viewer the keyboard until the returned controller is aborted. */
export function listenToKeys(viewer) {
  const until = new AbortController();
  document.addEventListener("keydown", (event) => onKey(viewer, event), { capture: true, signal: until.signal });
  return until;
}

function onKey(viewer, event) {
  const { pswp } = viewer;
  if (!pswp || pswp.isDestroying || document.querySelector("dialog[open]") || document.querySelector(":popover-open")) return;
  if (event.key === "Tab") return trapTab(event, pswp.element);
  if (typing(event)) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const inVideo = event.target.closest?.("video");
  if (inVideo && [" ", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].includes(event.key)) return;
  const verb = {
    Escape: () => (viewer.info.open && innerWidth < 700 ? viewer.info.toggle(false) : viewer.close()),
    ArrowLeft: () => viewer.step(-1), ArrowRight: () => viewer.step(1), PageUp: () => viewer.step(-1), PageDown: () => viewer.step(1),
    ArrowUp: () => viewer.framing.pan(80), ArrowDown: () => viewer.framing.pan(-80),
    Home: () => pswp.goTo(0), End: () => pswp.goTo(viewer.source.total - 1),
    i: () => viewer.info.toggle(), c: () => viewer.compare(), f: () => viewer.favourite(), d: () => viewer.download(), z: () => viewer.framing.toggle(),
    "+": () => viewer.framing.by(1.5), "=": () => viewer.framing.by(1.5), "-": () => viewer.framing.by(1 / 1.5), l: () => viewer.link(),
    Delete: () => viewer.trash(), "#": () => viewer.trash(), "?": () => viewer.verbs.shortcuts?.(),
  }[event.key];
  event.stopPropagation(); // the grid behind has keys of its own
  if (!verb) return;
  event.preventDefault();
  verb();
}
