// The outside things that pictures belong to, in words: tickets, companies, products. Pure.

const TYPES = {
  ticket: "Ticket", company: "Company", requester: "Requester", article: "Article",
  product: "Product", album: "Album", person: "Person",
};
const NUMBERED = new Set(["ticket", "product"]); // people know them by their number
// whose page it has; a product's lies wherever its pictures came from
const SYSTEMS = {
  ticket: "Freshdesk", company: "Freshdesk", requester: "Freshdesk", article: "Freshdesk",
  album: "Immich", person: "Immich",
};

/** What kind of thing it is: "Ticket". */
export const typeText = (type) => TYPES[type] ?? String(type);

/** Whether people know such a thing by its number. */
export const isNumbered = (type) => NUMBERED.has(type);

/** An id as people know it: an article number as on the package (domain/ean.py `Ean.shown`). */
export function shownId({ type, id }) {
  if (type !== "product" || id.length !== 14) return id;
  const length = [8, 12, 13].find((digits) => id.startsWith("0".repeat(14 - digits))) ?? 14;
  return id.slice(14 - length);
}

/** The view of all that belongs to it: parameters of an address. */
export const entityParams = ({ type, id }) => ({ [type]: shownId({ type, id }) });

/** What the link to its own page says: "Open in Freshdesk"; `among` others: "Open ticket in Freshdesk". */
export function pageText(type, { among = false } = {}) {
  const [what, system] = [among ? `${type} ` : "", SYSTEMS[type]];
  return system ? `Open ${what}in ${system}` : `Open ${what || "its "}page`;
}

/**
 * Where an address that a remote gave leads in a browser, or null: only http(s), nothing a customer
 * may have made up.
 */
export function safeHref(address) {
  try {
    const url = new URL(address);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/** What an asset belongs to, a ticket first, each thing once; several sources may say the same. */
export function belongings(asset) {
  const once = new Map();
  for (const one of asset.entities ?? []) if (!once.has(`${one.type}/${one.id}`)) once.set(`${one.type}/${one.id}`, one);
  const order = Object.keys(TYPES);
  return [...once.values()].sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
}
