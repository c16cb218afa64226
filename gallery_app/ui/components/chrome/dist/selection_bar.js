// The bar that takes the header's place while pictures are chosen: how many, and what to do.

import { actions, format, get, selection, toastError, view } from "gallery-core";
import { announcer, debounce, el, iconButton, typing } from "./dom.js";
import { openLinkDialog } from "./link_dialog.js";
import { attachPopover, fillMenu } from "./popover.js";
import { openTagDialog } from "./tag_dialog.js";

/**
 * Mounts the bar. `grid()` gives the grid's engine, whose source.total and choosing.all() serve
 * "select all". Returns {destroy()}.
 */
export function mountSelectionBar(root, { grid } = {}) {
  const say = announcer();
  const announce = debounce((n) => say(n ? `${format.countOf(n, "photo")} selected` : "Selection cleared"), 400);
  const count = el("span", { class: "gc-selcount" });
  const all = el("button", { type: "button", class: "gc-quiet gc-selall", on: { click: selectAll } });
  const button = (icon, label, run, extra = {}) => iconButton(icon, label, run, extra);
  const uids = () => selection.uids();

  const verbs = {
    favourite: async () => { await actions.favourite(uids(), true); },
    unfavourite: async () => { await actions.favourite(uids(), false); },
    tag: () => openTagDialog({ uids: uids() }),
    download: () => actions.download(uids(), "gallery"),
    link: () => openLinkDialog({ uids: uids() }),
    trash: async () => { selection.remove(await actions.trash(uids())); },
    restore: async () => { selection.remove(await actions.restore(uids())); },
  };
  const inTrash = () => view.path === "/trash";
  const heart = button("heart", "Favourite (f)", () => verbs.favourite());
  const tag = button("tag", "Tags (t)", () => verbs.tag());
  const save = button("download", "Download as zip (d)", () => verbs.download());
  const link = button("link", "Share by link (l)", () => verbs.link());
  const bin = button("trash", "Move to trash (Delete)", () => verbs.trash());
  const back = button("restore", "Restore from trash (#)", () => verbs.restore());
  const more = button("more", "More", () => {});
  // The servers that take pictures of ours: asked when something is chosen; a menu that is open
  // by then is drawn again.
  let servers = [];
  const askServers = () => get("/sources").then((answer) => {
    servers = answer.items.filter((one) => one.can_upload && one.state !== "offline");
    if (servers.length && pop.isOpen) pop.open();
  }, () => { servers = []; });
  const pop = attachPopover(more, {
    label: "More", role: "menu", align: "end",
    fill: (panel, menu) => fillMenu(panel, menu, [
      { label: "Select all", run: selectAll },
      ...(inTrash() ? [] : servers.map((one) => ({ label: servers.length > 1 ? `Upload to ${one.name}` : "Upload to Immich", run: () => actions.push(uids(), one) }))),
      !inTrash() && { label: "Remove from favourites", run: verbs.unfavourite },
      { label: "Clear selection", hint: "Esc", run: () => selection.clear() },
    ].filter(Boolean)),
  });
  const bar = el("div", { class: "gc-selbar", role: "toolbar", "aria-label": "Selection", hidden: true },
    button("close", "Clear selection (Esc)", () => selection.clear()), count, all, el("span", { class: "gc-grow" }), heart, tag, save, link, bin, back, more);
  root.classList.add("gc");
  root.append(bar);

  async function selectAll() {
    const engine = grid?.();
    if (!engine) return;
    all.disabled = true;
    all.textContent = "Selecting…";
    try {
      await engine.choosing.all();
    } catch (error) {
      toastError(error);
    } finally {
      all.disabled = false;
      update();
    }
  }

  function update() {
    const n = selection.count;
    const was = !bar.hidden;
    bar.hidden = n === 0;
    document.documentElement.classList.toggle("gc-selecting", n > 0);
    if (n || was) announce(n);
    if (!n) return;
    if (!was) askServers();
    count.textContent = `${format.count(n)} selected`;
    const total = grid?.()?.source.total ?? 0;
    all.hidden = !total || n >= total;
    if (!all.disabled) all.textContent = `Select all ${format.count(total)}`;
    for (const one of [heart, tag, link, bin]) one.hidden = inTrash();
    back.hidden = !inTrash();
  }

  function onKey(event) {
    if (!selection.count || typing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open], .pswp--open") || document.querySelector(":popover-open")) return;
    const verb = inTrash()
      ? { "#": verbs.restore, Delete: verbs.restore, d: verbs.download, Escape: () => selection.clear() }[event.key]
      : { f: verbs.favourite, t: verbs.tag, d: verbs.download, l: verbs.link, Delete: verbs.trash, "#": verbs.trash, Escape: () => selection.clear() }[event.key];
    if (!verb || event.defaultPrevented) return;
    event.preventDefault();
    verb();
  }
  document.addEventListener("keydown", onKey);
  const ends = [selection.subscribe(update), view.subscribe((change) => {
    if (change.path && !view.hasGrid) selection.clear();
    update();
  })];
  update();
  return {
    destroy() {
      document.removeEventListener("keydown", onKey);
      document.documentElement.classList.remove("gc-selecting");
      for (const end of ends) end();
      pop.destroy();
      bar.remove();
    },
  };
}
