// The grid's rows: laws over random buckets, and golden rows that were looked at once.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { calibration, estimateHeight, layoutBucket } from "../../gallery_app/ui/components/photo_grid/dist/layout.js";
import { dice, options, pictures, USUAL } from "./tools.mjs";

const WIDTHS = [200, 344, 382, 900, 1328, 2500, 3780];

/** Runs `law(d, l, o)` over 150 random buckets; a failure names the seed. */
function always(law) {
  for (let seed = 1; seed <= 150; seed++) {
    const random = dice(seed);
    const d = pictures(random, random.whole(1, 240), { perDay: random.of([1, 2, 6, 40]) });
    const o = options({
      width: random.of(WIDTHS), row: random.whole(72, 420), gap: random.whole(0, 8),
      days: random() < 0.7, head: random.of([0, 56, 64]),
    });
    try {
      law(d, layoutBucket(d, o), o);
    } catch (error) {
      error.message = `seed ${seed}: ${error.message}`;
      throw error;
    }
  }
}
const endOf = (l, r, d) => (r + 1 < l.rowStart.length ? l.rowStart[r + 1] : d.n);

describe("rows of a bucket", () => {
  it("hold every picture once, in order", () =>
    always((d, l) => {
      assert.equal(l.rowStart[0], 0);
      for (let r = 0; r < l.rowStart.length; r++) assert.ok(endOf(l, r, d) > l.rowStart[r]);
    }));

  it("never reach beyond the width, and no picture is without width", () =>
    always((d, l, o) => {
      for (let k = 0; k < d.n; k++) {
        assert.ok(l.w[k] >= 1, `picture ${k} has width ${l.w[k]}`);
        assert.ok(l.x[k] + l.w[k] <= o.width, `picture ${k} ends at ${l.x[k] + l.w[k]} of ${o.width}`);
      }
    }));

  it("keep their gap between neighbours", () =>
    always((d, l, o) => {
      for (let r = 0; r < l.rowStart.length; r++)
        for (let k = l.rowStart[r] + 1; k < endOf(l, r, d); k++)
          assert.ok(l.x[k] - l.x[k - 1] - l.w[k - 1] >= o.gap - 1, `between ${k - 1} and ${k}`);
    }));

  it("do not overlap one another and leave room for the days' headings", () =>
    always((d, l, o) => {
      for (let r = 0; r < l.rowStart.length; r++) {
        const above = r ? l.rowY[r - 1] + l.rowH[r - 1] + o.gap : o.head;
        const headed = l.rowHead[r + 1] > l.rowHead[r] && o.days;
        assert.equal(l.rowY[r], above + (headed ? o.dayHead : 0));
      }
      assert.equal(l.height, l.rowY.at(-1) + l.rowH.at(-1) + o.gap + o.foot);
    }));

  it("keep the shape of every picture, but for rounding", () =>
    always((d, l, o) => {
      for (let r = 0; r < l.rowStart.length; r++)
        for (let k = l.rowStart[r]; k < endOf(l, r, d); k++) {
          const wanted = Math.max(1, (l.rowH[r] * d.aspect[k]) / 4096);
          const rounding = 1.5 + d.aspect[k] / 8192; // the row's height is a whole number too
          const shared = o.days && l.rowHead[r + 1] - l.rowHead[r] > 1 ? 12 : 0;
          assert.ok(Math.abs(l.w[k] - wanted) <= rounding + shared, `picture ${k}: ${l.w[k]} for ${wanted}`);
        }
    }));

  it("are never higher than one and a half times what was wished", () =>
    always((d, l, o) => {
      for (const h of l.rowH) assert.ok(h <= 1.5 * o.row + 1, `row of ${h} px for ${o.row}`);
    }));

  it("end flush at the right unless they are a day's last", () =>
    always((d, l, o) => {
      for (let r = 0; r + 1 < l.rowStart.length; r++) {
        if (o.days && d.day[l.rowStart[r + 1]] !== d.day[l.rowStart[r + 1] - 1]) continue;
        const last = endOf(l, r, d) - 1;
        assert.equal(l.x[last] + l.w[last], o.width);
      }
    }));
});

describe("headings of days", () => {
  it("cover every picture once, each with one day", () =>
    always((d, l, o) => {
      if (!o.days) return assert.equal(l.heads.length, 0);
      let next = 0;
      for (const head of l.heads) {
        assert.equal(head.start, next);
        for (let k = head.start; k < head.end; k++) assert.equal(d.day[k], head.day);
        next = head.end;
      }
      assert.equal(next, d.n);
    }));

  it("stand over the first picture of their day", () =>
    always((d, l) => {
      l.heads.forEach((head, i) => {
        assert.equal(l.x[head.start], head.x);
        assert.ok(l.rowHead[head.row] <= i && i < l.rowHead[head.row + 1]);
        assert.ok(l.rowStart[head.row] <= head.start && head.start < endOf(l, head.row, d));
      });
    }));

  it("share a row only when their days fit it whole", () =>
    always((d, l) => {
      for (let r = 0; r < l.rowStart.length; r++) {
        const heads = l.heads.slice(l.rowHead[r], l.rowHead[r + 1]);
        if (heads.length < 2) continue;
        assert.equal(heads[0].start, l.rowStart[r]);
        assert.equal(heads.at(-1).end, endOf(l, r, d));
      }
    }));
});

/** Few pictures a row, or few rows a month, leave more to chance. */
const near = (width) => (width < 500 ? 0.16 : width > 2000 ? 0.12 : 0.08);

describe("the estimate of a bucket that is not loaded", () => {
  for (const width of WIDTHS.slice(1))
    for (const perDay of [1.3, 4, 20])
      it(`is within ${100 * near(width)} % of 60 months at ${width} px with ${perDay} pictures a day`, () => {
        const random = dice(width + perDay);
        const o = options({ width, row: width < 500 ? 118 : 208, ...(width < 500 && { gap: 3, dayGap: 12, dayMin: 104 }) });
        const months = Array.from({ length: 60 }, () => {
          const d = pictures(random, random.whole(8, Math.round(28 * perDay)), { perDay, shapes: USUAL });
          const ratio = d.aspect.reduce((sum, a) => sum + a / 4096, 0);
          return { d, count: d.n, ratio, days: new Set(d.day).size };
        });
        const sum = (name) => months.reduce((total, m) => total + m[name], 0);
        const factor = calibration({ count: sum("count"), ratio: sum("ratio"), days: sum("days") }, o);

        const real = months.reduce((total, m) => total + layoutBucket(m.d, o).height, 0);
        const guess = months.reduce((total, m) => total + estimateHeight(m, o, factor), 0);

        const off = Math.abs(guess / real - 1);
        assert.ok(off < near(width), `${(100 * off).toFixed(1)} % off`);
      });
});

describe("golden rows", () => {
  const golden = JSON.parse(readFileSync(new URL("golden/layout.json", import.meta.url)));
  for (const { name, aspects, days, options: o, expected } of golden)
    it(name, () => {
      const d = { n: aspects.length, aspect: Uint16Array.from(aspects, (a) => Math.round(a * 4096)), day: Uint8Array.from(days) };

      const l = layoutBucket(d, o);

      const got = { x: [...l.x], w: [...l.w], rowStart: [...l.rowStart], rowY: [...l.rowY], rowH: [...l.rowH], heads: l.heads.map((h) => [h.day, h.x, h.row]), height: l.height };
      assert.deepEqual(got, expected);
    });
});

describe("a million pictures", () => {
  it("are laid out in well under a second", () => {
    const d = pictures(dice(9), 1_000_000, { perDay: 30, shapes: USUAL });
    const before = process.cpuUsage();

    layoutBucket(d, options());

    const { user } = process.cpuUsage(before);
    assert.ok(user < 600_000, `${user / 1000} ms of CPU`);
  });
});
