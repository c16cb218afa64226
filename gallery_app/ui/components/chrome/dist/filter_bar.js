// The bar above the grid: chips that open lists with counts, the active filters to take away
// again, order, mode and tile size. The address is the state; the bar only reads and sets it.

import { filterText, format, usualSort, view, zoom } from "gallery-core";
import { el, icon, iconButton } from "./dom.js";
import { facets } from "./facets.js";
import { chipsOf, LISTS, sortsFor, spanText, STATES } from "./filters.js";
import { fillDates, fillList, fillRating, fillStates } from "./filter_panels.js";
import { attachPopover, fillMenu } from "./popover.js";

/** `strip` between two arrows that show while there is more to that side. For the mouse: keys scroll by focus. */
function scrolled(strip, ends) {
  const arrow = (way, picture) => el("button", {
    type: "button", class: `gc-nudge gc-nudge--${picture}`, tabindex: "-1", "aria-hidden": "true", hidden: true,
    on: { click: () => strip.scrollBy({ left: way * strip.clientWidth * 0.7, behavior: "smooth" }) },
  }, icon(picture, 18));
  const [left, right] = [arrow(-1, "left"), arrow(1, "right")];
  const look = () => {
    left.hidden = strip.scrollLeft < 4;
    right.hidden = strip.scrollLeft + strip.clientWidth > strip.scrollWidth - 4;
  };
  strip.addEventListener("scroll", look, { passive: true });
  const observer = new ResizeObserver(look);
  observer.observe(strip);
  ends.push(() => observer.disconnect(), view.subscribe(() => requestAnimationFrame(look)), facets.subscribe(() => requestAnimationFrame(look)));
  return el("div", { class: "gc-strip" }, left, strip, right);
}

/** Builds the bar in `root`. Returns {destroy()}. */
export function mountFilterBar(root) {
  const ends = [];
  const chips = el("div", { class: "gc-chips", role: "group", "aria-label": "Filters" });
  const active = el("div", { class: "gc-active", role: "group", "aria-label": "Active filters", hidden: true });

  const chip = (label, options) => {
    const text = el("span", { text: label });
    const button = el("button", { type: "button", class: "gc-chip" }, text, icon("chevron", 16));
    const pop = attachPopover(button, { label, ...options });
    ends.push(pop.destroy);
    chips.append(button);
    return { button, text, pop, label, show: (words, on) => { text.textContent = words; button.classList.toggle("gc-chip--on", on); } };
  };

  const listed = (scarce) => LISTS.filter((list) => Boolean(list.scarce) === scarce)
    .map((list) => ({ ...list, ui: chip(list.label, { fill: (panel, pop) => fillList(panel, pop, list) }) }));
  const lists = listed(false);
  const dates = chip("Date", { fill: fillDates });
  const rating = chip("Rating", { fill: fillRating });
  lists.push(...listed(true)); // behind those that always stand: they come with the counts and move nothing
  const states = chip("More", { fill: fillStates });
  const loved = el("button", { type: "button", class: "gc-chip gc-chip--toggle", "aria-pressed": "false", on: { click: () => view.toggle("is", "favourite") } },
    icon("heart", 16), el("span", { text: "Favourites" }));
  chips.prepend(loved);

  // --- order, mode, size -------------------------------------------------------------------
  const sorts = () => sortsFor(view.search.has("smart"));
  const sortText = el("span", { class: "gc-wide" });
  const sort = el("button", { type: "button", class: "gc-quiet" }, icon("sort", 18), sortText);
  const sortPop = attachPopover(sort, {
    label: "Sort", role: "menu", align: "end",
    fill: (panel, pop) => fillMenu(panel, pop, [
      ...sorts().map((one) => ({
        label: one.label, hint: one.hint, checked: view.sort === one.value, run: () => view.set("sort", one.value === usualSort(view.search) ? "" : one.value),
      })),
      ...(segments.checkVisibility() ? [] : modeItems()), // where there is no room for the two buttons
    ]),
  });
  ends.push(sortPop.destroy);
  const mode = (name, text, picture) => iconButton(picture, text, () => view.set("view", name === "pages" ? "pages" : ""), { class: "gc-seg", "aria-pressed": "false" });
  const modeItems = () => [
    { separator: true },
    { label: "Timeline", checked: view.mode === "timeline", run: () => view.set("view", "") },
    { label: "Pages", checked: view.mode === "pages", run: () => view.set("view", "pages") },
  ];
  const timeline = mode("timeline", "Timeline", "grid");
  const pages = mode("pages", "Pages", "pages");
  const segments = el("div", { class: "gc-segments", role: "group", "aria-label": "View" }, timeline, pages);
  // Even steps of the slider are even steps for the eye: it runs over the logarithm of the height.
  const slider = el("input", { type: "range", class: "gc-slider", min: Math.log(zoom.min), max: Math.log(zoom.max), step: "any", "aria-label": "Size of the photos" });
  const size = () => {
    slider.value = Math.log(zoom.value);
    slider.setAttribute("aria-valuetext", `Rows ${zoom.value} pixels high`);
  };
  slider.addEventListener("input", () => zoom.set(Math.exp(Number(slider.value))));
  slider.addEventListener("keydown", (event) => {
    const way = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    zoom.step(way);
  });
  size();
  const tools = el("div", { class: "gc-tools" }, slider, segments, sort);

  root.classList.add("gc", "gc-filterbar");
  root.append(el("div", { class: "gc-row" }, scrolled(chips, ends), tools), active);

  // --- what the address says ------------------------------------------------------------------
  const day = (iso) => { const time = format.wallTime(iso); return time ? format.longDate(time) : iso; };
  const first = (name) => view.params.get(name);
  function update() {
    root.hidden = !view.hasGrid;
    if (!view.hasGrid) return;
    const filters = view.filters;
    const values = (name) => filters.find(([one]) => one === name)?.[1] ?? [];
    for (const { name, label, scarce, ui } of lists) {
      const chosen = values(name);
      const known = facets.labels(name);
      const words = chosen.length === 1 ? known[chosen[0]] ?? filterText(name, chosen).replace(/^.*?: /, "") : `${label} · ${chosen.length}`;
      ui.show(chosen.length ? words : label, chosen.length > 0);
      ui.button.hidden = !chosen.length && (scarce ? !facets.values(name).length : name === "source" && facets.data !== null && facets.values("source").length < 2);
    }
    const [from, to, stars] = [first("from"), first("to"), first("min_rating")];
    dates.show(spanText(from, to, day), Boolean(from || to));
    rating.show(stars ? `★ ${stars}${stars === "5" ? "" : " +"}` : "Rating", Boolean(stars));
    const others = values("is").filter((value) => value !== "favourite");
    states.show(others.length ? others.map((value) => STATES.find((one) => one.value === value)?.label ?? value).join(", ") : "More", others.length > 0);
    const on = view.has("is", "favourite");
    loved.hidden = view.path === "/favourites";
    loved.setAttribute("aria-pressed", String(on));
    loved.classList.toggle("gc-chip--on", on);
    const order = sorts().find((one) => one.value === view.sort);
    sortText.textContent = order?.label ?? "Sort";
    sort.setAttribute("aria-label", `Sort: ${sortText.textContent}, ${order?.hint ?? ""}`);
    timeline.setAttribute("aria-pressed", String(view.mode === "timeline"));
    pages.setAttribute("aria-pressed", String(view.mode === "pages"));
    drawActive(filters);
  }

  function drawActive(filters) {
    const items = chipsOf(filters, filterText, (name) => facets.labels(name));
    const key = JSON.stringify([items, facets.error ? null : facets.data?.total]);
    if (active.dataset.key === key) return;
    active.dataset.key = key;
    const focused = [...active.children].indexOf(document.activeElement);
    active.hidden = !items.length;
    const total = facets.data && !facets.error && items.length ? format.countOf(facets.data.total, "photo") : "";
    active.replaceChildren(
      el("span", { class: "gc-total", text: total }),
      ...items.map(({ name, value, text }) => el("button", {
        type: "button", class: "gc-activechip", "aria-label": `Remove filter ${text}`,
        on: { click: () => view.toggle(name, value) },
      }, el("span", { text }), icon("close", 14))),
      ...(items.length ? [el("button", { type: "button", class: "gc-clear", text: "Clear all", on: { click: () => { view.clear(); chips.querySelector("button")?.focus(); } } })] : []),
    );
    if (focused > 0) (active.children[Math.min(focused, active.children.length - 1)] ?? chips.querySelector("button"))?.focus();
  }

  ends.push(view.subscribe(update), facets.subscribe(update), zoom.subscribe(size));
  update();
  return { destroy: () => { for (const end of ends) end(); root.replaceChildren(); } };
}
