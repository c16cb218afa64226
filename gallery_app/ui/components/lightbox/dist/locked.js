// The arithmetic of a zoom that two pictures share. Pure: node tests it.
// A state is {zoom, pan}: zoom 1 fits the pane, pan is in shares of the pane from its centre.

/** The pan kept so that the picture never leaves the pane: at most half of what sticks out. */
export function clampPan(pan, zoom) {
  const most = Math.max(0, (zoom - 1) / 2);
  const within = (value) => Math.min(most, Math.max(-most, value)) + 0; // + 0: never -0
  return { x: within(pan.x), y: within(pan.y) };
}

/** The state after a zoom by `factor` that leaves what is under `spot` where it is. */
export function zoomAt({ zoom, pan }, factor, spot, most) {
  const next = Math.min(most, Math.max(1, zoom * factor));
  const grown = next / zoom;
  const moved = { x: spot.x - (spot.x - pan.x) * grown, y: spot.y - (spot.y - pan.y) * grown };
  return { zoom: next, pan: clampPan(moved, next) };
}
