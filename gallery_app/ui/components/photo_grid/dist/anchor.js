// What the user looks at, remembered across new heights, new data and a new page load.

/**
 * The place of the window: {top: true} at the very top; else `seen`, the visible pictures as
 * {uid, dy} (px below the window's upper edge), best first; else a share of a bucket.
 */
export function takeAnchor({ library, viewport, canvas }) {
  const top = viewport.top();
  if (!library.list.length || top <= 4) return { top: true };
  const seen = [];
  for (const tile of canvas.tiles()) {
    const dy = tile.b.top + rowY(tile.b, tile.k) - top;
    const h = tile.offsetHeight || 1;
    if (dy + h > 0 && dy < viewport.height) seen.push({ uid: tile.uid, key: tile.b.key, dy, whole: dy >= 0 });
  }
  // the first whole row; a row that is half gone stands for the rest only if nothing else does
  seen.sort((a, b) => b.whole - a.whole || a.dy - b.dy);
  const b = library.bucketAtY(top);
  return { seen, key: b.key, share: (top - b.top) / Math.max(1, b.height) };
}

/** Where the window's upper edge belongs now for that anchor (px of the whole list). */
export function placeOf(anchor, library) {
  if (!anchor || anchor.top) return 0;
  for (const { uid, key, dy } of anchor.seen ?? []) {
    const found = library.find(uid, library.byKey(key));
    if (found?.b.layout) return found.b.top + rowY(found.b, found.k) - dy;
  }
  const b = library.byKey(anchor.key) ?? nearestMonth(anchor.key, library);
  return b ? b.top + (anchor.share ?? 0) * b.height : 0;
}

/** An anchor as little as the address's history keeps of it; null for the top. */
export function remembered(anchor) {
  if (anchor.top) return null;
  const best = anchor.seen?.[0];
  return { uid: best?.uid, key: best?.key ?? anchor.key, dy: Math.round(best?.dy ?? 0), share: anchor.share };
}

/** Where the window belongs for what `remembered` kept; loads the bucket it names. */
export async function recall({ uid, key, dy, share }, library) {
  const b = library.byKey(key);
  if (b) await library.fetch(b, { pin: true });
  if (uid && !library.find(uid, b)) await library.locate(uid);
  return placeOf({ seen: [{ uid, key, dy }], key, share }, library);
}

/**
 * How far the window must move so that nothing seen moves, now that bucket `b` has its true
 * height; `before` is its old {top, height}. Loaded pictures in sight stay: those above it, else
 * those below it. Where there are none, a month that is looked at keeps the share that lies above.
 */
export function shiftFor(b, before, { library, top, height, head }) {
  const delta = b.height - before.height;
  const [end, bottom] = [before.top + before.height, top + height];
  if (end <= top) return delta;
  if (before.top >= bottom) return 0;
  let [at, edge] = [b.index, before.top]; // the month at the window's upper edge, and its top
  while (edge > top && at > 0) {
    const above = library.list[--at];
    if (above.columns) return 0;
    edge -= above.height;
  }
  if (top - edge < 1) return 0; // what was jumped to
  if (isLoadedBelow(b, end, bottom, library)) return delta;
  const into = top - before.top;
  if (into <= head) return 0;
  return Math.round(((into - head) / Math.max(1, before.height - head)) * delta);
}

/** Whether pictures between `y`, where the bucket ended, and the window's `bottom` are loaded. */
function isLoadedBelow(b, y, bottom, library) {
  for (let i = b.index + 1; i < library.list.length && y < bottom; i++) {
    if (library.list[i].columns) return true;
    y += library.list[i].height;
  }
  return false;
}

function nearestMonth(key, library) {
  return library.list.find((b) => b.key <= key) ?? library.list.at(-1);
}

/** Index of the row that picture `k` stands in. */
export function rowOf(layout, k) {
  let lo = 0;
  let hi = layout.rowStart.length - 1;
  while (lo < hi) {
    const mid = (lo + hi + 1) >> 1;
    if (layout.rowStart[mid] <= k) lo = mid;
    else hi = mid - 1;
  }
  return lo;
}
export const rowY = (b, k) => b.layout.rowY[rowOf(b.layout, k)];
