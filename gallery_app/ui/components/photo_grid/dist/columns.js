// What a bucket's bytes mean: typed-array views over one answer of /timeline/{bucket}. Pure.

export const VIDEO = 1;
export const FAVOURITE = 2;
export const READY = 4;
export const UNREADABLE = 8;
export const ANIMATED = 16;
export const TRUNCATED = 32;

/**
 * The columns of a bucket; nothing is copied.
 *
 * Layout, little endian: u32 n | u32 stamp | n*16 B uid | n*u16 aspect (w/h * 4096) |
 * n*u16 rgb565 | n*u8 day | n*u8 flags | n*u8 version. Throws on any other length.
 */
export function parseColumns(buffer) {
  const n = buffer.byteLength >= 8 ? new DataView(buffer).getUint32(0, true) : -1;
  if (buffer.byteLength !== 8 + 23 * n) throw new Error("The server sent a month cut short.");
  return {
    n,
    stamp: new DataView(buffer).getUint32(4, true),
    uid: new Uint8Array(buffer, 8, 16 * n),
    aspect: new Uint16Array(buffer, 8 + 16 * n, n),
    colour: new Uint16Array(buffer, 8 + 18 * n, n),
    day: new Uint8Array(buffer, 8 + 20 * n, n),
    flags: new Uint8Array(buffer, 8 + 21 * n, n),
    version: new Uint8Array(buffer, 8 + 22 * n, n),
  };
}

/** Empty columns for `n` pictures, for lists that do not come as bytes. */
export function newColumns(n) {
  return parseColumns(
    (() => {
      const buffer = new ArrayBuffer(8 + 23 * n);
      new DataView(buffer).setUint32(0, n, true);
      return buffer;
    })(),
  );
}

/** Index of the picture whose uid has these 16 bytes, or -1. */
export function indexOf(columns, bytes) {
  const { n, uid } = columns;
  if (!bytes) return -1;
  for (let k = 0, at = 0; k < n; k++, at += 16) {
    let same = 0;
    while (same < 16 && uid[at + same] === bytes[same]) same++;
    if (same === 16) return k;
  }
  return -1;
}

/** CSS colour of an rgb565 number. */
export function cssColour(c) {
  const part = (value, bits) => Math.round((value * 255) / ((1 << bits) - 1));
  return `rgb(${part(c >> 11, 5)} ${part((c >> 5) & 63, 6)} ${part(c & 31, 5)})`;
}

/** rgb565 of a "#rrggbb" colour (a middle grey when there is none). */
export function rgb565(text) {
  const found = /^#?([0-9a-f]{6})$/i.exec(text ?? "");
  const c = found ? parseInt(found[1], 16) : 0x808080;
  return ((c >> 8) & 0xf800) | ((c >> 5) & 0x7e0) | ((c >> 3) & 31);
}
