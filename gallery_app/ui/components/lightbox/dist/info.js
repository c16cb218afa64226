// The information panel: all that is known of a picture, and the few things that may be changed.
// A field saves when it is left; what the server answers is what stands there afterwards.

import { el, icon, iconButton } from "gallery-chrome/dom.js";
import { actions, format, get, kept, toast, toastError } from "gallery-core";
import { detailGroups } from "./details.js";
import { alike, belongsTo, places } from "./elsewhere.js";

const REMEMBERED = "gallery.viewer.info";
const WIDTH_PX = 360;

export class InfoPanel {
  constructor(viewer) {
    this.viewer = viewer;
    this.open = innerWidth >= 700 && kept.get(REMEMBERED) === "1";
    this.body = el("div", { class: "gl-info-body" });
    this.element = el("aside", { class: "gl-info pswp__hide-on-close", "aria-label": "Information" },
      el("header", { class: "gl-info-head" }, el("h2", { text: "Information" }),
        iconButton("close", "Close information (i)", () => this.toggle(false))),
      this.body);
    // Gestures of the viewer end where the panel begins.
    for (const type of ["pointerdown", "touchstart", "click", "dblclick"])
      this.element.addEventListener(type, (event) => event.stopPropagation());
    this.apply();
  }

  get width() { return WIDTH_PX; }

  toggle(on = !this.open) {
    if (on === this.open) return;
    const had = this.element.contains(document.activeElement);
    this.open = on;
    kept.set(REMEMBERED, on ? "1" : "0");
    this.apply();
    this.viewer.pswp.updateSize(true);
    this.viewer.refreshChrome();
    if (on) this.element.querySelector("button")?.focus({ preventScroll: true });
    else if (had) this.viewer.toolbar.infoButton.focus({ preventScroll: true });
  }

  apply() {
    this.element.classList.toggle("gl-info--open", this.open);
    this.element.inert = !this.open;
    this.viewer.pswp.element.classList.toggle("gl--info", this.open);
    this.viewer.toolbar.infoButton.setAttribute("aria-pressed", String(this.open));
  }

  /** Shows an asset; built only while the panel is open, and kept while a field is in use. */
  update(uid, asset) {
    if (!this.open || !uid) return;
    if (!asset) {
      if (this.uid !== uid) {
        this.body.replaceChildren(el("p", { class: "gl-info-wait", text: "Loading…" }));
        this.alike = null; // taken away before it may have asked
      }
      this.uid = uid;
      this.shown = null;
      this.viewer.asset(uid).then(() => this.viewer.refreshChrome(), (error) => {
        if (this.viewer.uid === uid) this.body.replaceChildren(el("p", { class: "gl-info-wait", role: "alert", text: error.message }));
      });
      return;
    }
    if (this.shown === asset) return;
    if (this.uid === uid && this.shown && this.body.contains(document.activeElement)) return void (this.late = asset);
    this.uid = uid;
    this.shown = asset;
    const top = this.body.scrollTop;
    const verbs = { open: (other) => this.viewer.visit(other), compare: (other) => this.viewer.compare(other) };
    const looks = `${uid} ${asset.status}`; // what is asked only once while fields of it change
    if (this.alike?.looks !== looks) this.alike = { looks, element: alike(asset, verbs) };
    this.body.replaceChildren(this.editor(asset), belongsTo(asset), this.alike.element, places(asset), ...detailGroups(asset, format, format.language()).map(group));
    this.body.scrollTop = top;
  }

  editor(asset) {
    const field = (name, label, rows, hint) => {
      const input = el(rows > 1 ? "textarea" : "input", { class: "gl-field", name, rows: rows > 1 ? rows : null, maxlength: "4000", placeholder: hint, autocomplete: "off", value: asset[name] ?? "" });
      input.addEventListener("keydown", (event) => {
        if (event.key === "Escape") { event.stopPropagation(); input.value = asset[name] ?? ""; input.blur(); }
        if (event.key === "Enter" && (rows === 1 || event.ctrlKey)) { event.preventDefault(); input.blur(); }
      });
      input.addEventListener("blur", () => {
        const now = input.value.trim();
        if (now !== (asset[name] ?? "")) this.save(asset, { [name]: now || null }, input);
        else this.catchUp();
      });
      return el("label", { class: "gl-label" }, el("span", { text: label }), input);
    };
    return el("section", { class: "gl-group gl-edit", "aria-label": "Description" },
      field("title", "Title", 1, "Add a title"),
      field("caption", "Caption", 2, "Add a caption"),
      this.stars(asset),
      this.tags(asset),
      field("alt_text", "Alternative text", 2, "What the picture shows, for those who cannot see it"));
  }

  stars(asset) {
    const set = el("fieldset", { class: "gl-stars" }, el("legend", { text: "Rating" }));
    const row = el("div", { class: "gl-stars-row" });
    for (let value = 1; value <= 5; value++) {
      const button = el("button", {
        type: "button", class: "gl-star", "aria-pressed": String((asset.rating ?? 0) >= value),
        "aria-label": `${value} ${value === 1 ? "star" : "stars"}${asset.rating === value ? ", click to remove" : ""}`,
        on: { click: () => this.save(asset, { rating: asset.rating === value ? null : value }) },
      }, icon("star", 22));
      row.append(button);
    }
    set.append(row);
    return set;
  }

  tags(asset) {
    const chips = (asset.tags ?? []).map((tag) => el("li", { class: "gl-tag" }, el("span", { text: tag }),
      el("button", { type: "button", "aria-label": `Remove tag ${tag}`, on: { click: () => this.save(asset, { tags: asset.tags.filter((one) => one !== tag) }) } }, icon("close", 14))));
    const list = el("datalist", { id: `gl-tags-${asset.id}` });
    const input = el("input", { class: "gl-field", list: list.id, placeholder: "Add a tag", maxlength: "100", autocomplete: "off", "aria-label": "Add a tag" });
    const add = () => {
      const wanted = input.value.split(",").map((tag) => tag.trim()).filter(Boolean);
      const known = new Set((asset.tags ?? []).map((tag) => tag.toLowerCase()));
      const fresh = wanted.filter((tag) => !known.has(tag.toLowerCase()));
      input.value = "";
      if (fresh.length) this.save(asset, { tags: [...(asset.tags ?? []), ...fresh] }, null, true);
      else this.catchUp();
    };
    input.addEventListener("focus", async () => {
      if (list.childElementCount) return;
      const facets = await get("/facets").catch(() => null);
      list.append(...(facets?.facets.tag ?? []).slice(0, 200).map((one) => el("option", { value: one.value })));
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === ",") { event.preventDefault(); add(); }
      if (event.key === "Escape") { event.stopPropagation(); input.value = ""; input.blur(); }
    });
    input.addEventListener("blur", add);
    return el("div", { class: "gl-label" }, el("span", { text: "Tags" }), el("ul", { class: "gl-tags" }, chips), input, list);
  }

  /** Sends a change; on refusal the old value comes back with the server's sentence. */
  async save(asset, fields, input = null, refocus = false) {
    const where = { tags: this.body.querySelector("[list]"), rating: null }[Object.keys(fields)[0]];
    input?.setAttribute("aria-busy", "true");
    try {
      const changed = await actions.edit(asset.id, fields);
      this.shown = null;
      document.activeElement === where && where?.blur();
      this.viewer.keep(changed);
      if (refocus) this.body.querySelector("[list]")?.focus({ preventScroll: true });
      this.viewer.say("Saved");
    } catch (error) {
      toastError(error);
      if (input) input.value = asset[input.name] ?? "";
    } finally {
      input?.removeAttribute("aria-busy");
    }
  }

  /** Shows what came while a field was in use. */
  catchUp() {
    const { late } = this;
    this.late = null;
    if (late) requestAnimationFrame(() => this.viewer.refreshChrome());
  }

  destroy() {
    this.element.inert = true;
  }
}

function group({ title, icon: name, rows }) {
  return el("section", { class: "gl-group", "aria-label": title }, el("h3", {}, icon(name, 18), el("span", { text: title })),
    el("dl", {}, rows.map((row) => [
      el("dt", { text: row.label }),
      el("dd", { class: row.mono ? "gl-mono" : "" }, el("span", { text: row.value }), row.copy && copyButton(row.label, row.value), row.hint && el("small", { text: row.hint })),
    ])));
}

function copyButton(label, value) {
  return iconButton("copy", `Copy ${label}`, async () => {
    try {
      await navigator.clipboard.writeText(value);
      toast(`${label} copied.`);
    } catch {
      toast("The browser does not allow copying here.", { error: true });
    }
  }, { class: "gl-copy" });
}
