// Justified rows over typed arrays: pure, no DOM. Days that fit stand side by side in one row.
// Start at layoutBucket; estimateHeight says how high a bucket will be before it is loaded.

/** What a row may exceed the wished height by before it is left ragged instead of stretched. */
const STRETCH = 1.18;
/** What any row may exceed it by: a panorama rather makes its own row low. */
const HIGHEST = 1.5;

/**
 * Where every picture of a bucket stands.
 *
 * Args: d {n, aspect: width/height * 4096, day: number of the day}, in order; o {width, row
 * (wished height), gap, days (whether days have headings), head (px above the first row),
 * dayHead (px of a day's heading), dayGap (px between days in a row), dayMin (px a day's heading
 * needs)}. Returns x, w per picture; rowStart (first picture), rowY, rowH and rowHead (first
 * heading) per row; heads {row, x, w, day, start, end}; height. Every x + w <= width.
 */
export function layoutBucket(d, o) {
  const { width, row, gap } = o;
  const { n, aspect, day } = d;
  const x = new Uint16Array(n);
  const w = new Uint16Array(n);
  const rows = { start: [], y: [], h: [], head: [] };
  const heads = [];
  let y = o.head;

  // edges are rounded, not widths: what rounding takes from one picture its neighbour gets
  const place = (from, to, h, at) => {
    let sum = 0;
    let left = at;
    let right = at;
    for (let k = from; k < to; k++) {
      sum += (h * aspect[k]) / 4096;
      right = at + Math.round(sum) + (k - from) * gap;
      x[k] = Math.min(left, width - 1);
      w[k] = Math.max(1, Math.min(right, width) - x[k]);
      left = right + gap;
    }
    return right;
  };
  const addRow = (from, h) => {
    rows.start.push(from);
    rows.y.push(y);
    rows.h.push(h);
    y += h + gap;
  };

  let i = 0;
  while (i < n) {
    let end = n;
    if (o.days) {
      end = dayEnd(day, i, n);
      const shared = shareRow(d, i, end, o);
      if (shared.end > i) {
        const { h } = shared;
        y += o.dayHead;
        rows.head.push(heads.length);
        let at = 0;
        for (let from = i; from < shared.end; ) {
          const to = dayEnd(day, from, shared.end);
          const right = place(from, to, h, at);
          const slot = Math.max(right - at, Math.min(o.dayMin, width - at));
          heads.push({ row: rows.start.length, x: at, w: slot, day: day[from], start: from, end: to });
          at += slot + o.dayGap;
          from = to;
        }
        const last = shared.end - 1;
        if (shared.full && Math.abs(width - x[last] - w[last]) <= 12) w[last] = width - x[last];
        addRow(i, Math.round(h));
        i = shared.end;
        continue;
      }
      y += o.dayHead;
      heads.push({ row: rows.start.length, x: 0, w: width, day: day[i], start: i, end });
    }
    let opening = o.days ? heads.length - 1 : heads.length;
    while (i < end) {
      const to = rowEnd(aspect, i, end, width, row, gap);
      let sum = 0;
      for (let k = i; k < to; k++) sum += aspect[k];
      let h = ((width - (to - i - 1) * gap) * 4096) / sum;
      const ragged = to === end && h > row * STRETCH;
      if (ragged) h = row;
      rows.head.push(opening);
      opening = heads.length;
      place(i, to, h, 0);
      addRow(i, Math.max(1, Math.round(h)));
      i = to;
    }
  }
  rows.head.push(heads.length);
  return {
    x,
    w,
    rowStart: Uint32Array.from(rows.start),
    rowY: Uint32Array.from(rows.y),
    rowH: Uint16Array.from(rows.h),
    rowHead: Uint32Array.from(rows.head),
    heads,
    height: y + o.foot,
  };
}

/** Index after the last picture of the day that picture `i` belongs to. */
function dayEnd(day, i, n) {
  let end = i + 1;
  while (end < n && day[end] === day[i]) end++;
  return end;
}

/** Whole days from `i` on that fit one row: {end, h, full}; end === i when not even the first. */
function shareRow(d, i, firstEnd, o) {
  const { aspect, day, n } = d;
  const { width, row, gap } = o;
  let at = 0; // natural width taken so far, gaps and the least width of headings included
  let flexible = 0; // the part of it that grows with the row's height
  let end = i;
  for (let to = firstEnd; ; to = dayEnd(day, end, n)) {
    let wide = 0;
    const budget = width - at - (end > i ? o.dayGap : 0);
    for (let k = end; k < to && wide <= budget; k++)
      wide += Math.max(1, Math.round((row * aspect[k]) / 4096)) + (k > end ? gap : 0);
    if (wide > budget || (end > i && o.dayMin > budget)) break;
    at += (end > i ? o.dayGap : 0) + Math.max(wide, Math.min(o.dayMin, width));
    flexible += wide - (to - end - 1) * gap;
    end = to;
    if (end >= n) break;
  }
  const stretched = (flexible + width - at) / flexible;
  const full = end > i && stretched <= STRETCH;
  return { end, full, h: full ? row * stretched : row };
}

/** Index after the last picture of a row from `i`: the break whose height is nearest to `row`. */
function rowEnd(aspect, i, end, width, row, gap) {
  let sum = 0;
  let before = Infinity;
  for (let j = i; j < end; j++) {
    sum += aspect[j] / 4096;
    const h = (width - (j - i) * gap) / sum;
    if (h <= row) return before <= HIGHEST * row && before / row < row / h ? j : j + 1;
    before = h;
  }
  return end;
}

/**
 * Height a bucket will have, from sums alone: {count, ratio (sum of aspects), days}, o as above.
 *
 * Days are taken as exponentially distributed in width: those wider than a row have rows of
 * their own and half a row of waste; the others share rows, of which renewal theory gives the
 * waste, E[w^2] / 2 E[w]. Source: Cox, Renewal Theory (1962), ch. 5. `factor` is calibration's:
 * with one or two pictures a row (a phone) the sums alone are wrong by up to a half.
 */
export function estimateHeight({ count, ratio, days }, o, factor = 1) {
  const { width, row, gap } = o;
  const content = ratio * row + count * gap; // px of all pictures in one line
  // breaking at the nearest height leaves rows a little lower than wished when pictures are wide
  const mean = ratio / count;
  const share = Math.min(0.45, (mean * row) / width);
  const rowHeight = row * (1 - 0.1 * share) + gap;
  const top = o.head + o.foot;
  if (!o.days || !days)
    return Math.round(top + factor * Math.max(1, content / (width + gap) + 0.3) * rowHeight);
  const one = Math.max(o.dayMin * 0.6, content / days);
  const large = Math.exp(-width / one); // share of the days that are wider than a row
  const wide = (width + one) * large; // content of those, per day
  const big = days * large;
  const small = days - big;
  let rows = (days * wide) / width + 0.5 * big;
  let headed = big;
  if (small > 0.01) {
    const slot = (one - wide) / (1 - large) + o.dayGap;
    const second = (2 * one * one - large * (width * width + 2 * one * width + 2 * one * one)) / (1 - large);
    const spread = Math.max(0, second - (slot - o.dayGap) ** 2);
    const waste = Math.min(width * 0.55, (spread + slot * slot) / (2 * slot));
    const shared = Math.min(small, Math.max(1, (small * slot) / (width + o.dayGap - waste) + 0.5));
    rows += shared;
    headed += shared;
  }
  return Math.round(top + factor * (rows * rowHeight + headed * o.dayHead));
}

/** Usual shapes (3:2, 4:3, 16:9 and a panorama, lying and standing), those of a camera first. */
const SHAPES = [1.5, 1.5, 1.333, 0.667, 1.5, 0.75, 1.778, 1.333, 1.5, 0.667, 0.5625, 1, 1.333, 3];

/**
 * What to multiply estimates by: the height of a made-up library with the same mean shape and
 * the same pictures per day, laid out, over its estimate. Args: totals {count, ratio, days}.
 */
export function calibration({ count, ratio, days }, o) {
  if (!count) return 1;
  const n = 800;
  const aspect = new Uint16Array(n);
  const day = new Uint16Array(n);
  const stretch = ratio / count / (SHAPES.reduce((a, b) => a + b) / SHAPES.length);
  const newDay = o.days ? Math.min(1, days / count) : 0;
  let seed = 12345;
  const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 4294967296;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const shape = SHAPES[Math.floor(random() * SHAPES.length)] * stretch;
    aspect[i] = Math.max(205, Math.min(65535, Math.round(shape * 4096)));
    sum += aspect[i] / 4096;
    if (i) day[i] = day[i - 1] + (random() < newDay ? 1 : 0);
  }
  const top = o.head + o.foot;
  const real = layoutBucket({ n, aspect, day }, o).height - top;
  return real / (estimateHeight({ count: n, ratio: sum, days: day[n - 1] + 1 }, o) - top);
}
