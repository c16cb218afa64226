// gallery-upload: drop, paste or pick; three files at a time to our own endpoint. The queue
// belongs to the page, not to an element, so it survives navigation and remounting.

import { stylesReady as chromeStyles } from "gallery-chrome";
import { el, ensureStyles, icon, typing } from "gallery-chrome/dom.js";
import { attachPopover, fillMenu } from "gallery-chrome/popover.js";
import { format, refreshStatus, toast } from "gallery-core";
import { UploadPanel } from "./panel.js";
import { UploadQueue } from "./queue.js";
import { sendFile } from "./send.js";
import { filesOfDrop, filesOfInput, filesOfPaste } from "./walk.js";

export { UploadQueue } from "./queue.js";
export const stylesReady = Promise.all([chromeStyles, ensureStyles(new URL("./upload_zone.css", import.meta.url))]);

let queue = null;
let panel = null;

/** The page's one queue; made, with its panel, at the first call. */
export function uploads() {
  if (queue) return queue;
  queue = new UploadQueue(sendFile);
  panel = new UploadPanel(queue);
  queue.subscribe((now, event) => event === "idle" && now.items.length && refreshStatus());
  window.addEventListener("beforeunload", (event) => { if (!queue.idle) event.preventDefault(); });
  return queue;
}

const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

/**
 * Takes files dropped or pasted anywhere in the window.
 *
 * @param options {limitBytes}
 * @returns {{destroy()}}
 */
export function mountUploadZone({ limitBytes = 0 } = {}) {
  const line = uploads();
  line.limitBytes = limitBytes;
  const stop = new AbortController();
  const on = (target, type, handler) => target.addEventListener(type, handler, { signal: stop.signal });
  const words = el("strong", { text: "Drop to add to the gallery" });
  const veil = el("div", { class: "gc gu-veil", hidden: true, "aria-hidden": "true" },
    el("div", { class: "gu-veil-box" }, icon("upload", 44), words, el("span", { text: "Files and whole folders" })));
  document.body.append(veil);
  let ours = false; // a drag that began in this page is no upload
  let depth = 0;
  const hide = () => { depth = 0; veil.hidden = true; };
  const modal = () => document.querySelector("dialog[open]");

  on(window, "dragstart", () => { ours = true; });
  on(window, "dragend", () => { ours = false; });
  on(window, "dragenter", (event) => {
    if (ours || !hasFiles(event) || modal()) return;
    event.preventDefault();
    depth++;
    veil.hidden = false;
  });
  on(window, "dragover", (event) => {
    if (ours || !hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = modal() ? "none" : "copy";
  });
  on(window, "dragleave", (event) => {
    if (ours || !hasFiles(event)) return;
    if (--depth <= 0 || !event.relatedTarget) hide();
  });
  on(window, "drop", async (event) => {
    if (ours || !hasFiles(event)) return;
    event.preventDefault();
    hide();
    if (modal()) return;
    const slow = setTimeout(() => { reading = toast("Reading the folder…", { duration_s: 600 }); }, 700);
    let reading = null;
    const { found, unread } = await filesOfDrop(event.dataTransfer, (n) => reading?.update(`Reading the folder: ${format.countOf(n, "file")}…`));
    clearTimeout(slow);
    reading?.close();
    if (unread.length) toast(`${format.countOf(unread.length, "file")} could not be read: ${unread[0]}`, { error: true });
    if (found.length) line.add(found);
    else if (!unread.length) toast("There is no file in what was dropped.");
  });
  on(window, "paste", (event) => {
    if (modal()) return;
    const files = filesOfPaste(event.clipboardData, new Date());
    if (!files.length || (typing(event) && event.clipboardData.types.includes("text/plain"))) return;
    event.preventDefault();
    line.add(files);
  });
  return { destroy() { stop.abort(); veil.remove(); } };
}

/** Opens the system's file picker, or its folder picker. Needs a click or key press behind it. */
export function pick(folder = false) {
  const input = el("input", { type: "file", multiple: true, accept: folder ? null : "image/*,video/*,.heic,.heif,.avif,.tif,.tiff,.mpo,.dng,.cr2,.nef,.arw", hidden: true });
  if (folder) input.webkitdirectory = true;
  input.addEventListener("change", () => {
    const files = filesOfInput(input);
    if (files.length) uploads().add(files);
    input.remove();
  });
  input.addEventListener("cancel", () => input.remove());
  document.body.append(input);
  input.click();
}

/** A button with a menu: files or a folder. Returns {destroy()}. */
export function mountUploadButton(root, { label = "Upload" } = {}) {
  const button = el("button", { type: "button", class: "gu-button", "aria-label": label, title: label }, icon("upload", 20), el("span", { text: label }));
  root.classList.add("gc");
  root.append(button);
  const pop = attachPopover(button, {
    label, role: "menu", align: "end",
    fill: (menu, popover) => fillMenu(menu, popover, [
      { label: "Files…", run: () => pick(false) }, { label: "Folder…", hint: "with all in it", run: () => pick(true) },
    ]),
  });
  return { destroy() { pop.destroy(); button.remove(); } };
}
