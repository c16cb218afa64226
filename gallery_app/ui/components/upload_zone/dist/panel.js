// The upload panel: total progress, speed, what remains, and a verdict for every file. It shows
// the files that matter (failed, running, latest) and never more than MOST_ROWS of them.

import { announcer, el, icon, iconButton } from "gallery-chrome/dom.js";
import { format, prefix } from "gallery-core";
import { verdicts } from "./queue.js";

const MOST_ROWS = 120;
const RANK = { failed: 0, sending: 1, waiting: 2, added: 3, known: 3, cancelled: 4 };
const WORDS = { waiting: "Waiting", added: "Added", known: "Already here", cancelled: "Cancelled" };

export class UploadPanel {
  constructor(queue) {
    this.queue = queue;
    this.rows = new Map();
    this.say = announcer();
    this.small = false;
    this.title = el("span", { class: "gu-title" });
    this.detail = el("span", { class: "gu-detail" });
    this.bar = el("progress", { class: "gu-total", max: "1", "aria-label": "Upload progress" });
    this.toggle = iconButton("chevron", "Minimise", () => this.minimise(!this.small), { "aria-expanded": "true" });
    this.closer = iconButton("close", "Close", () => this.close());
    this.stopped = el("p", { class: "gu-stopped", role: "alert", hidden: true });
    this.list = el("ul", { class: "gu-list", "aria-label": "Files" });
    this.retry = el("button", { type: "button", class: "gu-text", text: "Try failed again", on: { click: () => queue.retryAll() } });
    this.cancel = el("button", { type: "button", class: "gu-text", text: "Cancel all", on: { click: () => queue.cancelAll() } });
    this.body = el("div", { class: "gu-body" }, this.stopped, this.list, el("footer", { class: "gu-foot" }, this.retry, this.cancel));
    this.root = el("section", { class: "gc gu", "aria-label": "Uploads", hidden: true },
      el("header", { class: "gu-head" }, el("div", { class: "gu-words" }, this.title, this.detail), this.toggle, this.closer), this.bar, this.body);
    document.body.append(this.root);
    this.ends = [queue.subscribe((_, event) => this.changed(event))];
  }

  minimise(small) {
    this.small = small;
    this.root.classList.toggle("gu--small", small);
    this.toggle.setAttribute("aria-expanded", String(!small));
    this.toggle.setAttribute("aria-label", small ? "Show files" : "Minimise");
    this.toggle.title = small ? "Show files" : "Minimise";
    this.draw();
  }

  close() {
    if (this.queue.idle) {
      this.queue.clear();
      this.root.hidden = true;
    } else this.minimise(true);
  }

  changed(event) {
    if (event === "idle") return this.finished();
    if (this.root.hidden && this.queue.items.length) {
      this.root.hidden = false;
      const { files } = this.queue.totals();
      this.say(`Uploading ${format.countOf(files, "file")}`);
    }
    this.told = false;
    // Four times a second is enough for eyes, however many files there are.
    this.timer ??= setTimeout(() => { this.timer = null; this.draw(); }, 250);
    if (event === "state" && !this.soon) { this.soon = true; requestAnimationFrame(() => { this.soon = false; this.draw(); }); }
  }

  finished() {
    this.draw();
    if (this.told || !this.queue.items.length) return;
    this.told = true;
    this.say(`Upload finished: ${verdicts(this.queue.totals(), format)}`);
  }

  draw() {
    const { queue } = this;
    const sum = queue.totals();
    if (!queue.items.length) { this.root.hidden = true; return; }
    const idle = queue.idle && !queue.paused;
    const done = sum.added + sum.known + sum.failed;
    this.title.textContent = idle ? (sum.failed ? "Finished with failures" : "Upload finished") : queue.paused ? "Upload stopped" : `Uploading ${format.count(Math.min(done + 1, sum.files))} of ${format.count(sum.files)}`;
    const speed = idle || queue.paused ? 0 : queue.speed();
    const left = speed > 0 ? format.remaining((sum.bytes - sum.loaded) / speed) : "";
    this.detail.textContent = idle || queue.paused
      ? verdicts(sum, format)
      : [`${format.bytes(sum.loaded)} of ${format.bytes(sum.bytes)}`, speed ? `${format.bytes(Math.round(speed))}/s` : "", left && `${left} left`].filter(Boolean).join(" · ");
    this.bar.value = sum.bytes ? sum.loaded / sum.bytes : idle ? 1 : 0;
    this.bar.hidden = idle;
    this.root.classList.toggle("gu--failed", sum.failed > 0);
    const text = queue.paused ?? "";
    if (this.stopped.dataset.text !== text) {
      this.stopped.dataset.text = text;
      this.stopped.replaceChildren(...(text ? [el("span", { text }), el("button", { type: "button", class: "gu-text", text: "Go on", on: { click: () => { queue.retryAll(); } } })] : []));
      this.stopped.hidden = !text;
    }
    this.retry.hidden = !queue.items.some((item) => item.state === "failed" && !item.final) || Boolean(text);
    this.cancel.hidden = queue.idle;
    this.closer.setAttribute("aria-label", queue.idle ? "Close" : "Minimise");
    this.closer.hidden = !queue.idle;
    if (!this.small) this.drawRows();
  }

  drawRows() {
    const { items } = this.queue;
    let shown = items;
    if (items.length > MOST_ROWS) {
      const by = [[], [], [], [], []];
      for (const item of items) by[RANK[item.state]].push(item);
      shown = [...by[0].slice(0, 60), ...by[1], ...by[2].slice(0, 8), ...by[3].slice(-50).reverse(), ...by[4]].slice(0, MOST_ROWS);
    }
    const keep = new Set(shown);
    for (const [item, row] of this.rows) if (!keep.has(item)) { row.remove(); this.rows.delete(item); }
    let before = null;
    for (const item of shown) {
      let row = this.rows.get(item);
      if (!row) this.rows.set(item, (row = el("li", { class: "gu-row" })));
      this.drawRow(row, item);
      const next = before ? before.nextSibling : this.list.firstChild;
      if (next !== row) this.list.insertBefore(row, next);
      before = row;
    }
    const hidden = items.length - shown.length;
    this.more ??= el("li", { class: "gu-more" });
    this.more.textContent = hidden > 0 ? `and ${format.countOf(hidden, "file")} more` : "";
    hidden > 0 ? this.list.append(this.more) : this.more.remove();
  }

  drawRow(row, item) {
    const share = item.size ? item.loaded / item.size : 0;
    if (row.dataset.state !== item.state) {
      row.dataset.state = item.state;
      row.replaceChildren(mark(item), el("div", { class: "gu-name" }, el("span", { text: item.path, title: item.path }), this.verdict(item)), ...this.buttons(item));
    }
    const bar = row.querySelector("progress");
    if (bar) {
      if (share < 1) bar.value = share;
      else bar.removeAttribute("value"); // all sent: the server is still checking
    }
  }

  verdict(item) {
    if (item.state === "sending") return el("progress", { max: "1", value: "0", "aria-label": `Progress of ${item.path}` });
    if (item.state === "failed") return el("small", { class: "gu-bad", text: item.message });
    if ((item.state === "known" || item.state === "added") && item.asset?.id) {
      const href = `${prefix()}/?photo=${encodeURIComponent(item.asset.id)}`;
      return el("small", {}, `${WORDS[item.state]} · `, el("a", { href, text: "show", "aria-label": `Show ${item.path}` }));
    }
    return el("small", { text: WORDS[item.state] ?? "" });
  }

  buttons(item) {
    if (item.state === "failed" && !item.final) return [iconButton("retry", `Try ${item.path} again`, () => this.queue.retry(item))];
    if (item.state === "sending" || item.state === "waiting") return [iconButton("close", `Cancel ${item.path}`, () => this.queue.cancel(item))];
    return [];
  }

  destroy() {
    for (const end of this.ends) end();
    clearTimeout(this.timer);
    this.root.remove();
  }
}

function mark(item) {
  const name = { added: "check", known: "check", failed: "warn", cancelled: "minus" }[item.state] ?? "image";
  return el("span", { class: "gu-mark", "aria-hidden": "true" }, icon(name, 18));
}
