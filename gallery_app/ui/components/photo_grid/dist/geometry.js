// How wide, how high, how far apart: the measures of the grid for a window. Pure.

const DAYS_FROM = 96; // row height from which days have headings of their own
const RAIL = 56;
const NARROW = 600;

/** Measures for a host and its scroller's inner width (px), the wished row, with a rail or not. */
export function geometryFor({ host, inner, row: wished, railed }) {
  const narrow = host < NARROW;
  const row = narrow ? Math.min(wished, 260) : wished;
  const days = row >= DAYS_FROM;
  const side = narrow ? 4 : 16;
  const right = railed && !narrow ? RAIL : side;
  return {
    narrow, row, days, side,
    width: Math.max(100, inner - side - right),
    gap: narrow ? 3 : 4,
    head: days ? 56 : 64,
    dayHead: 40,
    dayGap: narrow ? 12 : 20,
    dayMin: narrow ? 104 : 130,
    foot: narrow ? 12 : 20,
  };
}
