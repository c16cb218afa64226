// Where a picture comes from and what it belongs to, in words: pure, so that node can test it.

const SYSTEMS = { folder: "Folder", uploads: "Upload", immich: "Immich", freshdesk: "Freshdesk", products: "Product pictures" };
/** The system an occurrence lies in, as people call it. */
export const systemText = (system) => SYSTEMS[system] ?? (system ? String(system) : "");

const TYPES = { ticket: "Ticket", company: "Company", requester: "Requester", article: "Article", product: "Product", album: "Album", person: "Person" };
/** What kind of thing an entity is: "Ticket". */
export const typeText = (type) => TYPES[type] ?? String(type);

/** A number as it stands on the package: the 14 digits of a product without their zeros. */
export function shownId({ type, id }) {
  if (type !== "product") return id;
  const bare = String(id).replace(/^0+/, "");
  const length = [8, 12, 13, 14].find((one) => bare.length <= one) ?? 14;
  return bare.padStart(length, "0");
}

/** An entity in a line: "Ticket 4711 · Display cracked". */
export function entityText(entity) {
  const named = ["ticket", "article", "product"].includes(entity.type);
  const head = named ? `${typeText(entity.type)} ${shownId(entity)}` : typeText(entity.type);
  const name = entity.name || (named ? "" : entity.id);
  return [head, name].filter(Boolean).join(" · ");
}

/** The view of everything that belongs to an entity: parameters of an address. */
export const entityParams = ({ type, id }) => ({ [type]: type === "product" ? shownId({ type, id }) : id });

/**
 * Where a source's address leads in a browser, or null: only http(s), nothing a customer may have
 * made up.
 */
export function safeHref(address) {
  try {
    const url = new URL(address);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
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

const VISIBLE = { everyone: "for everyone", signed_in: "for signed-in customers", agents: "for agents only", companies: "for some companies", bots: "for bots", draft: "a draft" };

/** What should be known before such an occurrence is handed on: ["internal note", "for agents only"]. */
export function cautions(occurrence) {
  const seen = VISIBLE[occurrence.visibility] ?? occurrence.visibility ?? "";
  const internal = occurrence.private && !["for agents only", "a draft"].includes(seen);
  return [internal && "for the team only", seen].filter(Boolean);
}

/** The occurrences the panel lists, live ones first: [{…occurrence, gone}]. */
export function sightings(asset) {
  const all = (asset.occurrences ?? []).map((one) => ({ ...one, gone: Boolean(one.gone_at) }));
  return [...all.filter((one) => !one.gone), ...all.filter((one) => one.gone)];
}

/** What an asset belongs to, each thing once; several sources may say the same. */
export function belongings(asset) {
  const seen = new Set();
  return (asset.entities ?? []).filter(({ type, id }) => {
    const key = `${type}/${id}`;
    return !seen.has(key) && seen.add(key);
  });
}
