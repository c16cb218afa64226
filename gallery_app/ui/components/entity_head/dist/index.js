// Says what the grid shows when the address asks for one outside thing: its kind and name, the
// way to its page at the remote, and what else it belongs to. Nothing is asked on other addresses.
import { format, get, prefix, view } from "gallery-core";

// parameter of the address -> [word, icon class]
const TYPES = {
  ticket: ["Ticket", "ticket"],
  company: ["Company", "company"],
  requester: ["Requester", "person"],
  article: ["Article", "article"],
  product: ["Product", "product"],
  album: ["Album", "album"],
  person: ["Person", "person"],
};
// what its page is called; a product's lies wherever its pictures came from
const SYSTEMS = {
  ticket: "Freshdesk", company: "Freshdesk", requester: "Freshdesk", article: "Freshdesk",
  album: "Immich", person: "Immich",
};
const BESIDE = { ticket: ["company", "requester", "product"], article: ["product"] };
const NUMBERED = new Set(["ticket", "product"]); // people know them by their number

/** The one thing the address asks for, [type, id], or null when it asks for none or for several. */
export function thingOf(search) {
  const found = Object.keys(TYPES).flatMap((type) => search.getAll(type).map((id) => [type, id]));
  return found.length === 1 && found[0][1] ? found[0] : null;
}

/** An id as people know it: an article number as on the package (domain/ean.py `Ean.shown`). */
export function shown(type, id) {
  if (type !== "product") return id;
  const length = [8, 12, 13].find((digits) => id.startsWith("0".repeat(14 - digits)));
  return length && id.length === 14 ? id.slice(14 - length) : id;
}

/** "Ticket 4711 — Display cracked"; the number is left out where nobody knows a thing by it. */
export function titleOf(type, id, name) {
  const word = TYPES[type][0];
  const number = shown(type, id);
  if (!NUMBERED.has(type)) return name || `${word} ${id}`;
  return name && name !== id ? `${word} ${number} — ${name}` : `${word} ${number}`;
}

const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};

/** Only addresses of the web lead anywhere; anything else a remote says is no address. */
const safe = (url) => (/^https?:\/\//i.test(url ?? "") ? url : null);

function out(type, url) {
  const link = make("a", "entity-out i i-s i-out", SYSTEMS[type] ? `Open in ${SYSTEMS[type]}` : "Open its page");
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

function related(entity) {
  const link = make("a", `entity-chip i i-s i-${TYPES[entity.type]?.[1] ?? "tag"}`, entity.name || shown(entity.type, entity.id));
  link.href = `${prefix()}/?${new URLSearchParams({ [entity.type]: entity.id })}`;
  return link;
}

/** Mounts the head into `root`; it is hidden while there is nothing to say. */
export function mountEntityHead(root) {
  root.className = "entity-head";
  root.hidden = true;
  let current = "";
  let asking = null;

  function draw(type, id, { name = "", url = null, assets = null, beside = [] } = {}) {
    const title = make("h2", `entity-title i i-${TYPES[type][1]}`, titleOf(type, id, name));
    const facts = make("div", "entity-facts");
    if (Number.isFinite(assets))
      facts.append(make("span", "quiet", `${format.count(assets)} ${assets === 1 ? "picture" : "pictures"}`));
    facts.append(...beside.map(related));
    if (safe(url)) facts.append(out(type, url));
    root.replaceChildren(title, facts);
    root.hidden = false;
  }

  /** What all sources say of it, as one: names and pages as the first that has one says. */
  async function ask(type, id, signal) {
    const { items } = await get(`/entities/${type}/${encodeURIComponent(id)}`, { signal });
    const one = {
      name: items.find((item) => item.name)?.name,
      url: items.find((item) => item.url)?.url,
      assets: Math.max(...items.map((item) => item.assets)),
      beside: [],
    };
    const wanted = BESIDE[type];
    if (wanted && one.assets) {
      const { items: first } = await get("/assets", { params: { [type]: id, per_page: "1" }, signal });
      one.beside = (first[0]?.entities ?? []).filter((entity) => wanted.includes(entity.type)).slice(0, 4);
    }
    return one;
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
  return { destroy: stop };
}
