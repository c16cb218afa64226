// Where a picture comes from and what it belongs to, in words: pure, so that node can test it.

import { isNumbered, shownId, typeText } from "gallery-core";

const SYSTEMS = { folder: "Folder", uploads: "Upload", immich: "Immich", freshdesk: "Freshdesk", products: "Product pictures" };
/** The system an occurrence lies in, as people call it. */
export const systemText = (system) => SYSTEMS[system] ?? (system ? String(system) : "");

/** An entity in a line: "Ticket 4711 · Display cracked". */
export function entityText(entity) {
  const numbered = isNumbered(entity.type);
  const head = numbered ? `${typeText(entity.type)} ${shownId(entity)}` : typeText(entity.type);
  const name = entity.name || (numbered ? "" : entity.id);
  return [head, name].filter(Boolean).join(" · ");
}

/** How alike two pictures are, of 64 bits that may differ. Source: brief S2, settled bands. */
export function bandText(distance) {
  if (distance === 0) return "looks identical";
  return distance <= 5 ? "nearly identical" : "similar";
}

/** "Fetched 3 May 2026, 14:05" of a moment in UTC, in the reader's own time. */
export function fetchedText(iso, locale = undefined) {
  const at = new Date(iso ?? "");
  return Number.isNaN(at.getTime()) ? "" : `fetched ${new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(at)}`;
}

/** Whom a picture is owed to: "Open Food Facts · CC BY-SA 3.0 · photo by kiliweb". */
export function owedText(attribution) {
  if (!attribution) return "";
  return [attribution.source, attribution.licence || "licence unknown", attribution.creator && `photo by ${attribution.creator}`].filter(Boolean).join(" · ");
}

// Immich names a shelf; Freshdesk says who sees it (connectors/freshdesk/reading.py).
const SHELVES = { timeline: "", archive: "archived" };

/** Who sees an occurrence at its source, before it is handed on: ["for agents only: a draft"]. */
export function cautions({ private: internal, visibility }) {
  const seen = SHELVES[visibility] ?? (visibility ? `for ${visibility}` : "");
  return [internal && !seen.includes("only") && "for the team only", seen].filter(Boolean);
}

/** The occurrences the panel lists, live ones first: [{…occurrence, gone}]. */
export function sightings(asset) {
  const all = (asset.occurrences ?? []).map((one) => ({ ...one, gone: Boolean(one.gone_at) }));
  return [...all.filter((one) => !one.gone), ...all.filter((one) => one.gone)];
}
