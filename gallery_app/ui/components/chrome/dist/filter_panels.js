// The insides of the filter bar's popovers: value lists, dates, rating, states.

import { filterValue, format, view } from "gallery-core";
import { el, icon } from "./dom.js";
import { facets } from "./facets.js";
import { presetDates, ratedFrom, SEARCHED_FROM, shownValues, STATES } from "./filters.js";

const MOST_ROWS = 300;

const head = (title, clear) => el("div", { class: "gc-pop-head" }, el("h3", { text: title }),
  clear && el("button", { type: "button", class: "gc-clear", text: "Clear", on: { click: clear } }));

/** Keeps a panel up to date with the address and the counts while it is open. */
function live(panel, draw) {
  const ends = [view.subscribe(draw), facets.subscribe(draw)];
  const closed = (event) => {
    if (event.newState !== "closed") return;
    for (const end of ends) end();
    panel.removeEventListener("toggle", closed);
  };
  panel.addEventListener("toggle", closed);
}

/** A list of values with counts, with a search field when it is long. */
export function fillList(panel, popover, { name, label, all }) {
  const rows = el("div", { class: "gc-list", role: "group", "aria-label": label });
  const search = el("input", { class: "gc-input", type: "search", placeholder: `Find ${label.toLowerCase()}`, "aria-label": `Find ${label.toLowerCase()}`, autocomplete: "off", hidden: true });
  const clear = () => view.set(name, []);
  const top = head(label, clear);
  const note = all ? el("p", { class: "gc-note", text: "Photos that have all chosen tags." }) : null;
  panel.append(top, search, rows, note ?? "");
  search.addEventListener("input", () => draw());
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "Enter") { event.preventDefault(); rows.querySelector("input")?.focus(); }
  });
  rows.addEventListener("keydown", (event) => {
    const boxes = [...rows.querySelectorAll("input")];
    const to = boxes.indexOf(document.activeElement) + ({ ArrowDown: 1, ArrowUp: -1 }[event.key] ?? NaN);
    if (Number.isNaN(to)) return;
    event.preventDefault();
    (boxes[to] ?? (to < 0 && !search.hidden ? search : boxes.at(-1)))?.focus();
  });
  let order = null; // rows keep their place while the list is open, whatever the counts do

  function draw() {
    const chosen = view.params.getAll(name);
    let values = facets.values(name);
    if (order) {
      const fresh = new Map(values.map((one) => [one.value, one]));
      values = [...order.map((one) => fresh.get(one.value) ?? { ...one, count: 0 }), ...values.filter((one) => !order.some((old) => old.value === one.value))];
    } else if (facets.data) order = values;
    search.hidden = values.length <= SEARCHED_FROM && !search.value;
    top.querySelector("button").hidden = !chosen.length;
    const shown = shownValues(values, facets.data ? chosen : [], search.value);
    const focus = rows.contains(document.activeElement) ? document.activeElement.value : null;
    rows.replaceChildren(...shown.slice(0, MOST_ROWS).map((one) => {
      const box = el("input", { type: "checkbox", value: one.value, on: { change: () => view.toggle(name, one.value) } });
      box.checked = chosen.includes(one.value);
      if (one.value === focus) requestAnimationFrame(() => box.focus());
      return el("label", { class: `gc-option${one.count || box.checked ? "" : " gc-option--none"}` }, box,
        el("span", { class: "gc-option-label", text: one.label || filterValue(name, one.value) }), el("span", { class: "gc-option-count", text: format.count(one.count) }));
    }));
    if (!shown.length) rows.append(el("p", { class: "gc-note", text: facets.error?.message ?? (!facets.data ? "Counting…" : search.value ? "Nothing fits." : `No ${label.toLowerCase()} here yet.`) }));
    if (shown.length > MOST_ROWS) rows.append(el("p", { class: "gc-note", text: `${format.count(shown.length - MOST_ROWS)} more: type to find them.` }));
    popover.place();
  }
  live(panel, draw);
}

/** First and last day, with the usual spans a click away. */
export function fillDates(panel, popover) {
  const input = (name, label) => {
    const field = el("input", { type: "date", class: "gc-input", name, value: view.params.get(name) ?? "", min: "1800-01-01", max: "2999-12-31" });
    field.addEventListener("change", () => field.validity.valid && view.set(name, field.value));
    return el("label", { class: "gc-field" }, el("span", { text: label }), field);
  };
  const set = (dates) => {
    const all = view.search;
    for (const name of ["from", "to"]) dates?.[name] ? all.set(name, dates[name]) : all.delete(name);
    all.delete("page");
    view.go(view.path, all);
    popover.close();
  };
  const preset = (name, label) => el("button", { type: "button", class: "gc-chip", text: label, on: { click: () => set(presetDates(name, new Date())) } });
  panel.append(head("Date taken", view.params.has("from") || view.params.has("to") ? () => set(null) : null),
    el("div", { class: "gc-dates" }, input("from", "From"), input("to", "Until")),
    el("div", { class: "gc-presets" }, preset("week", "Last 7 days"), preset("month", "Last 30 days"), preset("year", "This year"), preset("last_year", "Last year")));
}

/** At least so many stars. */
export function fillRating(panel, popover) {
  const rows = el("div", { class: "gc-list", role: "radiogroup", "aria-label": "Rating" });
  panel.append(head("Rating"), rows);
  live(panel, () => {
    const now = view.params.get("min_rating") ?? "";
    const had = rows.contains(document.activeElement);
    rows.replaceChildren(...["", "5", "4", "3", "2", "1"].map((value) => {
      const box = el("input", { type: "radio", name: "gc-rating", value, on: { change: () => view.set("min_rating", value) } });
      box.checked = value === now;
      if (box.checked && had) requestAnimationFrame(() => box.focus());
      const label = value
        ? el("span", { class: "gc-option-label gc-starline" }, el("span", { class: "gc-sr", text: `${value} ${value === "1" ? "star" : "stars"}` }), Array.from({ length: Number(value) }, () => icon("star", 16)), value !== "5" && el("span", { text: "and more" }))
        : el("span", { class: "gc-option-label", text: "Any" });
      return el("label", { class: "gc-option" }, box, label, value && facets.data && el("span", { class: "gc-option-count", text: format.count(ratedFrom(facets.values("rating"), Number(value))) }));
    }));
    popover.place();
  });
}

/** What has no counts: videos, animations, with a place, … */
export function fillStates(panel) {
  const rows = el("div", { class: "gc-list", role: "group", "aria-label": "Only" });
  panel.append(head("Show only"), rows);
  rows.append(...STATES.filter(({ value }) => value !== "favourite").map(({ value, label }) => {
    const box = el("input", { type: "checkbox", value, on: { change: () => view.toggle("is", value) } });
    box.checked = view.has("is", value);
    return el("label", { class: "gc-option" }, box, el("span", { class: "gc-option-label", text: label }));
  }));
  rows.append(el("p", { class: "gc-note", text: "Two choices show photos that are either." }));
}
