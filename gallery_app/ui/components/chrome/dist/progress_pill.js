// The pill in the header: what the gallery is busy with, hidden when it rests. Fed by the
// page's one status poll; a link to /jobs where the details and failures are.

import { events, format, kept, latest, prefix, watchStatus } from "gallery-core";
import { announcer, el, icon } from "./dom.js";
import { pillOf } from "./progress.js";

const SEEN_KEY = "gallery.failures.seen"; // failures already looked at do not nag

/** Builds the pill in `root`. Returns {destroy()}. */
export function mountProgressPill(root) {
  const say = announcer();
  const ring = el("span", { class: "gc-ring", "aria-hidden": "true" });
  const text = el("span", { class: "gc-pilltext gc-wide" });
  const short = el("span", { class: "gc-pilltext gc-narrow", "aria-hidden": "true" });
  const bad = el("span", { class: "gc-pillbad", hidden: true });
  const pill = el("a", { class: "gc-progress", href: `${prefix()}/jobs`, hidden: true, on: { click: () => kept.set(SEEN_KEY, latest.progress?.failed ?? 0) } }, ring, text, short, bad);
  root.classList.add("gc");
  root.append(pill);
  let wasBusy = false;
  let offline = false;

  function update() {
    const seen = Number(kept.get(SEEN_KEY)) || 0;
    let now = pillOf(latest.progress, format);
    if (now && !now.busy && now.failed <= seen) now = null;
    if (offline) now = { text: "Not connected", short: "Offline", share: null, failed: 0, paused: true, busy: true };
    pill.hidden = !now;
    if (wasBusy && !now?.busy && !offline) say("All photos are ready");
    wasBusy = Boolean(now?.busy) && !offline;
    if (!now) return;
    text.textContent = now.text;
    short.textContent = now.short;
    pill.title = now.text;
    pill.setAttribute("aria-label", `${now.text}${now.failed && now.busy ? `, ${format.countOf(now.failed, "failure")}` : ""}. Show jobs`);
    pill.classList.toggle("gc-progress--paused", now.paused || !now.busy);
    ring.classList.toggle("gc-ring--free", now.share === null && now.busy && !now.paused);
    ring.style.setProperty("--share", `${Math.round((now.share ?? 0) * 100)}%`);
    ring.replaceChildren(...(now.paused || !now.busy ? [icon("warn", 18)] : []));
    bad.hidden = !(now.failed && now.busy);
    bad.textContent = format.count(now.failed);
    bad.title = format.countOf(now.failed, "failure");
  }
  const stop = new AbortController();
  for (const name of ["progress", "revision"]) events.addEventListener(name, update, { signal: stop.signal });
  events.addEventListener("offline", () => { offline = true; update(); }, { signal: stop.signal });
  events.addEventListener("online", () => { offline = false; update(); }, { signal: stop.signal });
  watchStatus();
  update();
  return { destroy: () => { stop.abort(); pill.remove(); } };
}
