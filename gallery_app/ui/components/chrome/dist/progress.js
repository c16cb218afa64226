// What the header says about the indexing, in one short sentence. Pure.

/**
 * The pill for a progress of /status, or null when there is nothing to say.
 *
 * @returns {{text, short, share, failed, paused, busy}|null} share 0..1 or null when unknown
 */
export function pillOf(progress, format) {
  if (!progress) return null;
  const { found = 0, described = 0, rendered = 0, failed = 0, remaining = 0, fetching = 0, fetched = 0, per_second: rate = 0, scanning = false, paused_for: paused = null } = progress;
  const speed = rate >= 1 ? ` · ${format.count(Math.round(rate))}/s` : "";
  if (paused) return { text: `Paused: ${paused}`, short: "Paused", share: null, failed, paused: true, busy: true };
  if (scanning && described < found)
    return { text: `Reading ${format.count(described)} of ${format.count(found)}${speed}`, short: `${format.count(described)} of ${format.count(found)}`, share: found ? described / found : null, failed, paused: false, busy: true };
  if (remaining > 0) {
    const all = rendered + remaining;
    return { text: `Preparing ${format.countOf(remaining, "photo")}${speed}`, short: format.count(remaining), share: all ? rendered / all : null, failed, paused: false, busy: true };
  }
  if (scanning) return { text: "Looking for photos…", short: "Looking…", share: null, failed, paused: false, busy: true };
  if (fetching > 0)
    return { text: `Fetching ${format.countOf(fetching, "photo")}`, short: format.count(fetching), share: fetched / (fetched + fetching), failed, paused: false, busy: true };
  if (failed > 0) return { text: `${format.countOf(failed, "file")} could not be shown`, short: format.count(failed), share: null, failed, paused: false, busy: false };
  return null;
}
