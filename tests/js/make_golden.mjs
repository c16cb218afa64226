// Writes golden/layout.json anew; look at the rows before you commit them.
import { writeFileSync } from "node:fs";
import { layoutBucket } from "../../gallery_app/ui/components/photo_grid/dist/layout.js";

const wide = { width: 1000, row: 200, gap: 4, days: true, head: 56, dayHead: 40, dayGap: 20, dayMin: 130, foot: 20 };
const phone = { width: 352, row: 118, gap: 3, days: true, head: 56, dayHead: 40, dayGap: 12, dayMin: 104, foot: 12 };
const cases = [
  ["one picture stays at the wished height", [1.5], [9], wide],
  ["small days stand side by side", [1.5, 0.667, 1.333], [9, 8, 7], wide],
  ["days that nearly fill a row are stretched to its end", [1.5, 1.5, 1.333], [9, 9, 8], wide],
  ["a day too wide for one row has rows of its own", [1.5, 1.5, 1.333, 1.5, 0.667, 1.5, 1.5], [5, 5, 5, 5, 5, 5, 5], wide],
  ["a panorama wider than the window becomes low", [6, 1.5], [3, 3], wide],
  ["two or three pictures a row on a phone", [1.5, 0.75, 1.333, 1.5, 1.5], [2, 2, 2, 2, 1], phone],
  ["without days the rows run on", [1.5, 0.667, 1.333, 1.5, 1.778, 1], [9, 8, 7, 6, 5, 4], { ...wide, days: false }],
].map(([name, aspects, days, options]) => {
  const d = { n: aspects.length, aspect: Uint16Array.from(aspects, (a) => Math.round(a * 4096)), day: Uint8Array.from(days) };
  const l = layoutBucket(d, options);
  const expected = { x: [...l.x], w: [...l.w], rowStart: [...l.rowStart], rowY: [...l.rowY], rowH: [...l.rowH], heads: l.heads.map((h) => [h.day, h.x, h.row]), height: l.height };
  return { name, aspects, days, options, expected };
});
const text = JSON.stringify(cases, null, 1).replace(/\[\s+([-\d.,\s]+?)\s+\]/g, (_, inner) => `[${inner.replace(/\s+/g, " ")}]`);
writeFileSync(new URL("golden/layout.json", import.meta.url), text + "\n");
