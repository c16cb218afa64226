// Seeded chance and made-up buckets for the specifications.
export function dice(seed) {
  let state = seed >>> 0;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 4294967296;
  for (let i = 0; i < 4; i++) next();
  return Object.assign(next, {
    whole: (from, to) => from + Math.floor(next() * (to - from + 1)),
    of: (list) => list[Math.floor(next() * list.length)],
  });
}

const SHAPES = [0.05, 0.5625, 0.667, 0.75, 1, 1.333, 1.5, 1.5, 1.778, 2.39, 6, 15.9];
export const USUAL = [1.5, 1.5, 1.333, 0.667, 1.5, 0.75, 1.778, 1.333, 1.5, 1, 2.6];

/** n pictures with random shapes over random days, newest day first. */
export function pictures(random, n, { perDay = 5, shapes = SHAPES } = {}) {
  const aspect = new Uint16Array(n);
  const day = new Uint8Array(n);
  let date = 31;
  for (let k = 0; k < n; k++) {
    aspect[k] = Math.max(205, Math.min(65535, Math.round(random.of(shapes) * 4096)));
    if (k && random() < 1 / perDay && date > 1) date--;
    day[k] = date;
  }
  return { n, aspect, day };
}

export const options = (more = {}) => ({
  width: 1328, row: 208, gap: 4, days: true, head: 56, dayHead: 40, dayGap: 20, dayMin: 130, foot: 20,
  ...more,
});

/** The bytes of a bucket as the server writes them. */
export function bucketBytes(items, stamp = 1) {
  const n = items.length;
  const buffer = new ArrayBuffer(8 + 23 * n);
  const view = new DataView(buffer);
  view.setUint32(0, n, true);
  view.setUint32(4, stamp, true);
  items.forEach((item, k) => {
    new Uint8Array(buffer, 8 + 16 * k, 16).set(item.uid);
    view.setUint16(8 + 16 * n + 2 * k, Math.round((item.aspect ?? 1.5) * 4096), true);
    view.setUint16(8 + 18 * n + 2 * k, item.colour ?? 0x1234, true);
    view.setUint8(8 + 20 * n + k, item.day ?? 1);
    view.setUint8(8 + 21 * n + k, item.flags ?? 4);
    view.setUint8(8 + 22 * n + k, item.version ?? 0);
  });
  return buffer;
}

/** 16 bytes that differ for every number. */
export function uidBytes(number) {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(12, number);
  bytes[0] = 0xab;
  return bytes;
}
