// Says what the grid shows when the address asks for one outside thing: its kind and name, the
// way to its page at the remote, and what else it belongs to. Nothing is asked on other addresses.
import { belongings, entityParams, get, isNumbered, pageText, prefix, safeHref, searchParams, shownId, typeText, view } from "gallery-core";

// parameter of the address -> icon class
const ICONS = {
  ticket: "ticket", company: "company", requester: "person", article: "article",
  product: "product", album: "album", person: "person",
};
const BESIDE = { ticket: ["company", "requester", "product"], article: ["product"] };

/** The one thing the address asks for, [type, id], or null when it asks for none or for several. */
export function thingOf(search) {
  const found = Object.keys(ICONS).flatMap((type) => search.getAll(type).map((id) => [type, id]));
  return found.length === 1 && found[0][1] ? found[0] : null;
}

/** "Ticket 4711 — Display cracked"; the number is left out where nobody knows a thing by it. */
export function titleOf(type, id, name) {
  const word = typeText(type);
  const number = shownId({ type, id });
  if (!isNumbered(type)) return name || `${word} ${id}`;
  return name && name !== id ? `${word} ${number} — ${name}` : `${word} ${number}`;
}

const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};

function out(type, href) {
  const link = make("a", "entity-out i i-s i-out", pageText(type));
  link.href = href;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

function related(entity) {
  const link = make("a", `entity-chip i i-s i-${ICONS[entity.type]}`, entity.name || shownId(entity));
  link.href = `${prefix()}/?${searchParams(entityParams(entity))}`;
  return link;
}

/** Mounts the head into `root`; it is hidden while there is nothing to say. */
export function mountEntityHead(root) {
  root.className = "entity-head";
  root.hidden = true;
  let current = "";
  let asking = null;

  function draw(type, id, { name = "", url = null, beside = [] } = {}) {
    const title = make("h2", `entity-title i i-${ICONS[type]}`, titleOf(type, id, name));
    const facts = make("div", "entity-facts");
    facts.append(...beside.map(related));
    const href = safeHref(url);
    if (href) facts.append(out(type, href));
    root.replaceChildren(title, facts);
    root.hidden = false;
  }

  /** What all sources say of it, as one: names and pages as the first that has one says. */
  async function ask(type, id, signal) {
    const { items } = await get(`/entities/${type}/${encodeURIComponent(id)}`, { signal });
    const first = BESIDE[type] && (await get("/assets", { params: { [type]: id, per_page: "1" }, signal })).items[0];
    return {
      name: items.find((item) => item.name)?.name,
      url: items.find((item) => item.url)?.url,
      beside: belongings(first ?? {}).filter((entity) => BESIDE[type].includes(entity.type)).slice(0, 4),
    };
  }

  async function look() {
    const thing = view.hasGrid ? thingOf(view.search) : null;
    const key = thing?.join("/") ?? "";
    if (key === current) return;
    current = key;
    asking?.abort();
    if (!thing) {
      root.hidden = true;
      root.replaceChildren();
      return;
    }
    const [type, id] = thing;
    draw(type, id); // at once, by its number; the name follows
    asking = new AbortController();
    try {
      const one = await ask(type, id, asking.signal);
      if (current === key) draw(type, id, one);
    } catch {
      /* it has a number and no name: that is said already */
    }
  }
  const stop = view.subscribe(look);
  look();
  return { destroy() { stop(); asking?.abort(); } };
}
