// "Where else is this picture?": every occurrence with its system, what it belongs to, and the
// nearly identical copies, in the information panel.

import { el, icon } from "gallery-chrome/dom.js";
import { format, get, post, prefix, renditionUrl, searchParams, toastError, view } from "gallery-core";
import { pathIn } from "./details.js";
import { bandText, belongings, cautions, entityParams, entityText, fetchedText, owedText, safeHref, sightings, systemText } from "./origins.js";

let sources = null;
/** The sources by number, asked once. */
function knownSources() {
  sources ??= get("/sources").then((answer) => new Map(answer.items.map((one) => [one.id, one])));
  sources.catch(() => { sources = null; });
  return sources;
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
    entity.url && outward(entity.url, `Open ${entity.type} at its source`)))));
}

/** Every place the picture lies in, with system, address, time and what to know before sharing. */
export function places(asset) {
  const found = sightings(asset);
  if (!found.length) return "";
  return section("folder", found.length > 1 ? `In ${format.count(found.length)} places` : "Where it is", el("ul", { class: "gl-places" }, found.map(placeRow)));
}

function placeRow(one) {
  const name = el("b", { text: one.source_name ?? "" });
  const path = el("span", { class: "gl-mono" });
  knownSources().then((all) => {
    const source = all.get(one.source);
    name.textContent = source?.name ?? one.source_name ?? "A source that was removed";
    path.textContent = ["folder", "uploads", undefined].includes(source?.kind) ? pathIn(source, one.key ?? "") : one.key;
  }, () => { path.textContent = one.key ?? ""; });
  const facts = [systemText(one.system), one.fetched_at && fetchedText(one.fetched_at), ...cautions(one), one.gone && "no longer there"].filter(Boolean).join(" · ");
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
  Promise.all([get(`/assets/${asset.id}/similar`), get(`/assets/${asset.id}/products`)]).then(([twins, products]) => {
    if (products.items.length) root.append(productSection(products.items, compare));
    if (twins.items.length) root.append(twinSection(twins.items, { open, compare }));
  }, () => root.append(el("p", { class: "gl-info-wait", role: "status", text: "Copies could not be looked up just now." })));
  return root;
}

const thumb = (asset) => el("img", { src: renditionUrl(asset.id, "thumb", asset.version), alt: "", width: "64", height: "64", loading: "lazy", decoding: "async" });

function productSection(items, compare) {
  return section("tag", "Product", el("ul", { class: "gl-twins" }, items.slice(0, 4).map((one) => (one.images.length ? pictured(one, compare) : unknown(one)))));
}

function pictured({ ean, name, images: [asset] }, compare) {
  const words = name || `Product ${ean}`;
  return el("li", {},
    el("button", { type: "button", class: "gl-twin", "aria-label": `Compare with ${words}`, on: { click: () => compare(asset.id) } }, thumb(asset)),
    el("div", {}, el("span", { text: words }), name && el("small", { text: ean }), el("button", { type: "button", class: "gl-text", text: "Compare side by side (c)", on: { click: () => compare(asset.id) } })));
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
      el("small", { text: `${bandText(distance)}, distance ${distance} of 64 · ${asset.width} × ${asset.height} px` }),
      el("button", { type: "button", class: "gl-text", text: "Compare", on: { click: () => compare(asset.id) } }))))));
}

