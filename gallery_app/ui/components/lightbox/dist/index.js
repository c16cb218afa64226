// gallery-lightbox: opens the viewer over the grid and keeps it and the address (?photo=UID) one.
// `view` in gallery-core owns the address; a change of it, by click or by Back, arrives here.

import { actions, events, get, toast, toastError, view } from "gallery-core";
import { confirmAction, openLinkDialog, showShortcuts } from "gallery-chrome";
import { debounce } from "gallery-chrome/dom.js";
import { FLAG } from "./slides.js";
import { Viewer } from "./viewer.js";

export { Viewer } from "./viewer.js";

let current = null;
let opening = null;
let comparing = false;

const verbs = {
  async favourite(uid, on) {
    // without a message: the heart itself is one
    const { failed } = await actions.batch([uid], on ? "favourite" : "unfavourite");
    if (failed.length) throw new Error(failed[0].message);
  },
  trash: (uid) => actions.trash([uid]),
  restore: (uid) => actions.restore([uid]),
  link: (uids) => openLinkDialog({ uids }),
  /** Puts another picture beside this one: a given one, else the product it belongs to. */
  async compare(uid, other) {
    if (comparing) return;
    comparing = true;
    try {
      const beside = other ?? (await get(`/assets/${uid}/products`)).items.find((one) => one.images.length)?.images[0].id;
      if (!beside) return void toast("No product is known for this photo. Article numbers in its ticket, name or barcode lead to one.");
      const [{ openCompare }, left, right] = await Promise.all([import("./compare.js"), get(`/assets/${uid}`), get(`/assets/${beside}`)]);
      if (current?.uid === uid) await openCompare(left, right); // one may have moved on
    } catch (error) {
      toastError(error);
    } finally {
      comparing = false;
    }
  },
  shortcuts: () => showShortcuts("viewer"),
  confirm: confirmAction,
};

/** The open viewer, or null. */
export const openedViewer = () => current;

/**
 * Opens the viewer at `uid` (or at `position`), or moves the open one there. What the address
 * names but this view does not show (a filter hides it) is opened alone.
 *
 * @param grid the grid's engine, or its source: {total, at(position), positionOf(uid), tileRect(uid), reveal(position)}
 * @returns {Promise<Viewer|null>} null when there is no such picture, or it was closed meanwhile
 */
export async function openViewer(grid, { uid, position } = {}) {
  if (current) {
    if (uid) await current.show(uid);
    return current;
  }
  const token = (opening = Symbol("opening"));
  const addressed = view.photo !== null;
  let source = grid.source ?? grid;
  let at = position ?? (await source.positionOf(uid));
  if (!(at >= 0) && uid) {
    source = await loneSource(uid);
    at = 0;
  }
  if (opening !== token || (addressed && !view.photo)) return null; // asked again, or closed, in between
  opening = null;
  if (!source) {
    toast("This photo is not in the gallery any more.", { error: true });
    view.closePhoto();
    return null;
  }
  // Browsers allow only so many changes of the address a second: a held arrow key must not use them up.
  const address = debounce((now) => current === viewer && view.openPhoto(now), 150);
  const viewer = (current = new Viewer(source, {
    position: at, verbs, trashed: view.path === "/trash", onChange: address,
    onClose: () => {
      address.cancel();
      unfollow?.();
      if (current === viewer) current = null;
      view.closePhoto();
    },
  }));
  const unfollow = source.subscribe?.(() => viewer.relocate());
  await viewer.open();
  return viewer;
}

/** Closes the viewer if it is open. */
function closeViewer() {
  opening = null;
  current?.close();
}

/** A list of one: a picture that the grid's query does not find. Null when there is none. */
async function loneSource(uid) {
  const asset = await get(`/assets/${uid}`).catch(() => null);
  if (!asset) return null;
  const flags = (asset.type === "video" && FLAG.video) | (asset.favourite && FLAG.favourite) | (asset.status === "ready" && FLAG.ready)
    | (asset.status === "unreadable" && FLAG.unreadable) | (asset.animated && FLAG.animated);
  const item = { uid, position: 0, aspect: asset.width && asset.height ? asset.width / asset.height : 1, flags, version: asset.version };
  return { total: 1, at: async () => item, positionOf: async (wanted) => (wanted === uid ? 0 : -1), tileRect: () => null, reveal() {} };
}

// Back closes; a step of the history to another picture shows that one.
view.subscribe((change) => {
  if (!change.photo) return;
  if (!view.photo) closeViewer();
  else if (current && current.uid && current.uid !== view.photo) current.show(view.photo);
});

events.addEventListener("changed", ({ detail }) => {
  const { action, uids, asset } = detail ?? {};
  if (!current || !uids?.includes(current.uid)) return;
  if (asset) current.keep(asset);
  else if (action !== "trash" && action !== "restore") current.asset(current.uid, true).then(() => current?.refreshChrome(), () => null);
});
