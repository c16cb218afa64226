// Native <dialog>s: the browser traps the focus, makes the rest inert and gives the focus back.

import { view } from "gallery-core";
import { el, iconButton, typing } from "./dom.js";

let count = 0;

/**
 * A modal dialog with a title. Removes itself when it closes.
 *
 * @param build (dialog) => nodes of its body
 * @returns {HTMLDialogElement} already open; `returnValue` and the close event as usual
 */
export function openDialog({ title, build, narrow = false, onClose }) {
  const id = `gc-dialog-${++count}`;
  const dialog = el("dialog", { class: `gc gc-dialog${narrow ? " gc-dialog--narrow" : ""}`, "aria-labelledby": id });
  const body = el("div", { class: "gc-dialog-body" });
  dialog.append(el("header", { class: "gc-dialog-head" }, el("h2", { id, text: title }), iconButton("close", "Close", () => dialog.close())), body);
  // A press that begins and ends on the backdrop closes; a text drag that ends there does not.
  let outside = false;
  dialog.addEventListener("pointerdown", (event) => { outside = event.target === dialog; });
  dialog.addEventListener("click", (event) => { if (outside && event.target === dialog) dialog.close(); });
  dialog.addEventListener("keydown", (event) => event.stopPropagation()); // no shortcut reaches the page
  dialog.addEventListener("close", () => { dialog.remove(); onClose?.(dialog.returnValue); });
  const nodes = build(dialog);
  body.append(...(Array.isArray(nodes) ? nodes : [nodes]).flat().filter(Boolean));
  document.body.append(dialog);
  dialog.showModal();
  (dialog.querySelector("[data-autofocus]") ?? dialog.querySelector(".gc-dialog-body :is(input,button,select,textarea,a[href]), button"))?.focus();
  return dialog;
}

/** Asks before something that cannot be taken back; resolves to true or false. */
export function confirmAction({ title, text, action = "OK", cancel = "Cancel", danger = false }) {
  return new Promise((resolve) => {
    let sure = false;
    openDialog({
      title, narrow: true, onClose: () => resolve(sure),
      build: (dialog) => [
        el("p", { class: "gc-dialog-text", text }),
        el("footer", { class: "gc-dialog-actions" },
          el("button", { type: "button", class: "gc-button", text: cancel, data: danger ? { autofocus: "" } : {}, on: { click: () => dialog.close() } }),
          el("button", { type: "button", class: `gc-button gc-button--${danger ? "danger" : "primary"}`, text: action, data: danger ? {} : { autofocus: "" }, on: { click: () => { sure = true; dialog.close(); } } })),
      ],
    });
  });
}

const SHORTCUTS = [
  ["Everywhere", [["/", "Search"], ["?", "This list"], ["Esc", "Close, or drop the selection"]]],
  ["Grid", [
    ["← ↑ → ↓", "Move from photo to photo"], ["Enter", "Open"], ["Space", "Select"], ["Shift + ← ↑ → ↓", "Select on the way"],
    ["Shift + click", "Select up to here"], ["Ctrl + A", "Select all"], ["Home, End", "First, last"], ["+ −", "Larger, smaller photos"],
  ]],
  ["Viewer", [
    ["← →", "Previous, next"], ["Home, End", "First, last"], ["z", "Original pixels and back"], ["+ −", "Zoom"], ["i", "Information"], ["c", "Compare with the product"],
    ["f", "Favourite"], ["d", "Download the original"], ["l", "Share by link"], ["Delete or #", "To the trash"], ["Esc", "Close"],
  ]],
  ["Selection", [["f", "Favourite"], ["t", "Tag"], ["d", "Download"], ["l", "Share by link"], ["Delete or #", "To the trash"]]],
];

/** The list of keys; `only` puts one group first. */
export function showShortcuts(only = "") {
  if (document.querySelector(".gc-shortcuts")) return;
  const groups = [...SHORTCUTS].sort(([a], [b]) => Number(b.toLowerCase() === only) - Number(a.toLowerCase() === only));
  openDialog({
    title: "Keyboard shortcuts",
    build: () => el("div", { class: "gc-shortcuts", tabindex: "0", role: "region", "aria-label": "Keyboard shortcuts" }, groups.map(([name, keys]) => el("section", {}, el("h3", { text: name }),
      el("dl", {}, keys.map(([key, does]) => el("div", {}, el("dt", {}, el("kbd", { text: key })), el("dd", { text: does }))))))),
  });
}

/** Mounts what a page has once: the `?` key. Returns {destroy()}. */
export function mountDialogs() {
  const onKey = (event) => {
    if (event.key !== "?" || typing(event) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    showShortcuts(view.hasGrid ? "grid" : "everywhere");
  };
  document.addEventListener("keydown", onKey);
  return { destroy: () => document.removeEventListener("keydown", onKey) };
}
