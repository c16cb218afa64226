// "Where else is this picture?": every occurrence with its system, what it belongs to, and the
// nearly identical copies, in the information panel.

import { el, icon } from "gallery-chrome/dom.js";
import { belongings, entityParams, format, get, pageText, post, prefix, renditionUrl, safeHref, searchParams, toastError, view } from "gallery-core";
import { pathIn } from "./details.js";
import { bandText, cautions, entityText, fetchedText, owedText, sightings, systemText } from "./origins.js";

const PAUSE_MS = 150; // nothing is asked for a picture that one only passes

let sources = null;
/** The sources by number, asked once; again for one that came since. */
async function sourceOf(number) {
  const asked = (sources ??= get("/sources").then((answer) => new Map(answer.items.map((one) => [one.id, one]))));
  const known = await asked.catch(() => new Map());
  if (!known.has(number) && sources === asked) sources = null;
  return known.get(number);
}

const section = (name, title, ...content) => el("section", { class: "gl-group", "aria-label": title }, el("h3", {}, icon(name, 18), el("span", { text: title })), content);

/** An outside page: opens beside the gallery and learns nothing of it. */
function outward(address, text) {
  const href = safeHref(address);
  return href ? el("a", { class: "gl-out", href, target: "_blank", rel: "noopener noreferrer", text }) : "";
}

/** What the picture belongs to: each a link to all that belongs there, and one to the remote. */
export function belongsTo(asset) {
  const all = belongings(asset);
  if (!all.length) return "";
  return section("album", "Belongs to", el("ul", { class: "gl-places" }, all.map((entity) => el("li", {},
    el("a", {
      class: "gl-entity", href: `${prefix()}/?${searchParams(entityParams(entity))}`, text: entityText(entity),
      on: { click: (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
        event.preventDefault();
        view.go("/", entityParams(entity));
      } },
    }),
    entity.url && outward(entity.url, pageText(entity.type, { among: true }))))));
}

/** Every place the picture lies in, with system, address, time and what to know before sharing. */
export function places(asset) {
  const found = sightings(asset);
  if (!found.length) return "";
  return section("folder", found.length > 1 ? `In ${format.count(found.length)} places` : "Where it is", el("ul", { class: "gl-places" }, found.map(placeRow)));
}

function placeRow(one) {
  const name = el("b", { text: one.source_name ?? "A source that was removed" });
  const path = el("span", { class: "gl-mono", text: one.key });
  if (["folder", "uploads"].includes(one.system)) sourceOf(one.source).then((source) => { path.textContent = pathIn(source, one.key); });
  const facts = [systemText(one.system), one.fetched_at && fetchedText(one.fetched_at, format.language()), ...cautions(one), one.gone && "no longer there"].filter(Boolean).join(" · ");
  const owed = owedText(one.attribution);
  return el("li", { class: one.gone ? "gl-gone" : "" }, name, path, el("small", { text: facts }),
    owed && el("small", { class: "gl-owed" }, owed, one.attribution.page && [" · ", outward(one.attribution.page, "product page")]),
    one.page && outward(one.page, `Open in ${systemText(one.system)}`));
}

/**
 * The copies that look the same and the product beside it, asked for once the panel shows the
 * picture. `open(uid)` shows one, `compare(uid)` puts it beside this one.
 */
export function alike(asset, { open, compare }) {
  const root = el("div", { class: "gl-alike" });
  if (asset.status !== "ready") return root;
  setTimeout(() => root.isConnected && fill(root, asset.id, { open, compare }), PAUSE_MS);
  return root;
}

async function fill(root, uid, { open, compare }) {
  try {
    const [twins, products] = await Promise.all([get(`/assets/${uid}/similar`), get(`/assets/${uid}/products`)]);
    if (products.items.length) root.append(productSection(products.items, compare));
    if (twins.items.length) root.append(twinSection(twins.items, { open, compare }));
  } catch {
    root.append(el("p", { class: "gl-info-wait", role: "status", text: "Copies could not be looked up just now." }));
  }
}

// `small`: it is here already, also of a remote that is away.
const thumb = (asset) => el("img", { src: renditionUrl(asset.id, "small", asset.version), alt: "", width: "64", height: "64", loading: "lazy", decoding: "async" });

function productSection(items, compare) {
  const shown = items.slice(0, 4);
  const first = shown.find((one) => one.images.length); // what the key leads to
  return section("tag", "Product", el("ul", { class: "gl-twins" }, shown.map((one) => (one.images.length ? pictured(one, compare, one === first) : unknown(one)))));
}

function pictured({ ean, name, images: [asset] }, compare, keyed) {
  const words = name || `Product ${ean}`;
  return el("li", {},
    el("button", { type: "button", class: "gl-twin", "aria-label": `Compare with ${words}`, on: { click: () => compare(asset.id) } }, thumb(asset)),
    el("div", {}, el("span", { text: words }), name && el("small", { text: ean }), el("button", { type: "button", class: "gl-text", text: keyed ? "Compare side by side (c)" : "Compare side by side", on: { click: () => compare(asset.id) } })));
}

/** A product nobody has asked the databases for yet. */
function unknown({ ean, name }) {
  const ask = el("button", { type: "button", class: "gl-text", text: "Look for its pictures", on: { click: async () => {
    ask.disabled = true;
    try {
      await post("/products", { body: { codes: ean } });
      ask.textContent = "Asked; its pictures come in a moment";
    } catch (error) {
      ask.disabled = false;
      toastError(error);
    }
  } } });
  return el("li", {}, el("div", {}, el("span", { text: name || `Product ${ean}` }), name && el("small", { text: ean }), ask));
}

function twinSection(items, { open, compare }) {
  return section("copy", "Looks the same", el("ul", { class: "gl-twins" }, items.map(({ asset, distance }) => el("li", {},
    el("button", { type: "button", class: "gl-twin", "aria-label": `Show ${asset.filename}`, on: { click: () => open(asset.id) } }, thumb(asset)),
    el("div", {}, el("span", { text: asset.filename }),
      el("small", { text: `${bandText(distance)}, distance ${distance} of 64 · ${asset.width}\u00a0×\u00a0${asset.height}\u00a0px` }),
      el("button", { type: "button", class: "gl-text", text: "Compare", on: { click: () => compare(asset.id) } }))))));
}

