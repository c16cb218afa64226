// Makes a signed link for one picture or many: what it shows, how long it lives, and the result
// with address, copy button and QR code. What the server warns of is shown as it says it.

import { apiUrl, format, post } from "gallery-core";
import { announcer, el, icon } from "./dom.js";
import { openDialog } from "./dialogs.js";
import { LIFETIMES, lifetimeSeconds, RENDITIONS } from "./links.js";

const MOST_PICTURES = 2_000; // services/sharing.py

const radio = (name, value, label, hint, checked) => {
  const input = el("input", { type: "radio", name, value });
  input.checked = checked;
  return el("label", { class: "gc-radio" }, input, el("span", {}, el("b", { text: label }), hint && el("small", { text: hint })));
};

/** Opens the dialog for these uids. */
export function openLinkDialog({ uids }) {
  const list = [...uids];
  if (!list.length) return null;
  const what = list.length === 1 ? "this photo" : format.countOf(list.length, "photo");
  return openDialog({ title: `Link to ${what}`, build: (dialog) => form(dialog, list) });
}

function form(dialog, uids) {
  const error = el("p", { class: "gc-error", role: "alert", hidden: true });
  const warning = el("p", { class: "gc-warning", hidden: true }, icon("warn", 18),
    el("span", { text: "The original carries everything the camera wrote, such as the place where it was taken (GPS). Renditions carry no metadata." }));
  const amount = el("input", { class: "gc-input", type: "number", name: "amount", min: "1", max: "8760", step: "1", value: "12", "aria-label": "Amount" });
  const unit = el("select", { class: "gc-select", name: "unit", "aria-label": "Unit" }, ["hours", "days"].map((one) => el("option", { value: one, text: one })));
  const custom = el("div", { class: "gc-inline", hidden: true }, amount, unit);
  const views = el("input", { class: "gc-input", type: "number", min: "1", max: "1000000", step: "1", placeholder: "no limit", name: "max_views" });
  const note = el("input", { class: "gc-input", type: "text", maxlength: "200", placeholder: "for whom, what for", name: "note", autocomplete: "off" });
  const submit = el("button", { type: "submit", class: "gc-button gc-button--primary", text: "Create link" });
  const box = el("form", { class: "gc-form" },
    el("fieldset", {}, el("legend", { text: "What it shows" }), el("div", { class: "gc-radios" }, RENDITIONS.map(({ value, label, hint }) => radio("rendition", value, label, hint, value === "large")))),
    warning,
    el("fieldset", {}, el("legend", { text: "How long it works" }), el("div", { class: "gc-pills" }, LIFETIMES.map(({ value, label }) => {
      const input = el("input", { type: "radio", name: "lifetime", value, class: "gc-sr" });
      input.checked = value === "604800";
      return el("label", { class: "gc-pill" }, input, el("span", { text: label }));
    })), custom),
    el("div", { class: "gc-two" },
      el("label", { class: "gc-field" }, el("span", { text: "Most views (optional)" }), views),
      el("label", { class: "gc-field" }, el("span", { text: "Note (only you see it)" }), note)),
    error,
    el("footer", { class: "gc-dialog-actions" }, el("button", { type: "button", class: "gc-button", text: "Cancel", on: { click: () => dialog.close() } }), submit));
  const chosen = (field) => box.elements[field].value;
  box.addEventListener("change", () => {
    warning.hidden = chosen("rendition") !== "original";
    custom.hidden = chosen("lifetime") !== "custom";
  });
  box.querySelector("input[name=rendition]:checked").dataset.autofocus = "";
  if (uids.length > MOST_PICTURES) {
    error.textContent = `A link may name at most ${format.count(MOST_PICTURES)} photos.`;
    error.hidden = false;
    submit.disabled = true;
  }
  box.addEventListener("submit", async (event) => {
    event.preventDefault();
    error.hidden = true;
    const expires = lifetimeSeconds(chosen("lifetime"), Number(amount.value), unit.value);
    const body = { assets: uids, rendition: chosen("rendition"), expires_in: expires };
    if (views.value) body.max_views = Number(views.value);
    if (note.value.trim()) body.note = note.value.trim();
    submit.disabled = true;
    submit.textContent = "Creating…";
    try {
      const link = await post("/links", { body });
      dialog.querySelector(".gc-dialog-body").replaceChildren(...result(dialog, link));
    } catch (problem) {
      error.textContent = problem.message;
      error.hidden = false;
      submit.disabled = false;
      submit.textContent = "Create link";
    }
  });
  return box;
}

function result(dialog, link) {
  const say = announcer();
  const url = new URL(link.url, location.origin).href; // without a public address the server gives a path
  const field = el("input", { class: "gc-input gc-url", type: "text", readonly: true, value: url, "aria-label": "Address of the link" });
  field.addEventListener("focus", () => field.select());
  const label = el("span", { text: "Copy" });
  const copy = el("button", { type: "button", class: "gc-button gc-button--primary", on: { click: () => copyText(field, (done) => {
    label.textContent = done ? "Copied" : "Press Ctrl+C";
    say(done ? "Link copied" : "The browser does not allow copying; the address is selected");
  }) } }, icon("copy", 18), label);
  const until = new Date(link.expires_at);
  const when = Number.isNaN(until.getTime()) ? "" : new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" }).format(until);
  const qr = el("img", { class: "gc-qr", width: "180", height: "180", alt: "QR code of the link", src: apiUrl(`/links/${encodeURIComponent(link.id)}/qr.svg`) });
  qr.addEventListener("error", () => qr.remove());
  const warnings = (link.warnings ?? []).map((text) => el("p", { class: "gc-warning", role: "alert" }, icon("warn", 18), el("span", { text })));
  requestAnimationFrame(() => copy.focus());
  say("Link created");
  return [
    ...warnings,
    el("div", { class: "gc-inline gc-urlrow" }, field, copy),
    when && el("p", { class: "gc-note", text: `Works until ${when}${link.max_views ? `, for ${format.countOf(link.max_views, "view")}` : ""}. It can be revoked on the Links page at any time.` }),
    el("div", { class: "gc-qrbox" }, qr),
    el("footer", { class: "gc-dialog-actions" },
      el("a", { class: "gc-button", href: url, target: "_blank", rel: "noopener", text: "Open" }),
      el("button", { type: "button", class: "gc-button", text: "Done", on: { click: () => dialog.close() } })),
  ].filter(Boolean);
}

/** Copies a field's text; where the clipboard is closed (plain http) by the old way. */
async function copyText(field, told) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    told(true);
  } catch {
    told(document.execCommand("copy"));
  }
}

