// What the filter bar offers and how an active filter reads. Pure: node tests it.

/** Filters with a list of values and counts; `name` is parameter and facet alike. `scarce`: shown only where there are some. */
export const LISTS = [
  { name: "type", label: "Type" }, { name: "camera", label: "Camera" }, { name: "year", label: "Year" },
  { name: "source", label: "Source" }, { name: "tag", label: "Tag", all: true },
  { name: "orientation", label: "Shape" }, { name: "size", label: "Resolution" },
  ...["Album", "Person", "Company", "Ticket", "Requester", "Article", "Product"].map((label) => ({ name: label.toLowerCase(), label, scarce: true })),
];
/** States that have no counts: `is=` of the search language. */
export const STATES = [
  { value: "favourite", label: "Favourites" }, { value: "video", label: "Videos" }, { value: "animated", label: "Animations" },
  { value: "located", label: "With a place" }, { value: "tagged", label: "With tags" }, { value: "private", label: "For the team only" }, { value: "remote", label: "Not kept here" }, { value: "unreadable", label: "Cannot be shown" },
];
export const SORTS = [
  { value: "-taken", label: "Date taken", hint: "newest first" }, { value: "taken", label: "Date taken", hint: "oldest first" },
  { value: "-added", label: "Date added", hint: "newest first" }, { value: "added", label: "Date added", hint: "oldest first" },
  { value: "name", label: "Name", hint: "A to Z" }, { value: "-name", label: "Name", hint: "Z to A" },
  { value: "-size", label: "File size", hint: "largest first" }, { value: "size", label: "File size", hint: "smallest first" },
];
/** The orders there are to choose from; a search by what pictures show adds its own. */
export const sortsFor = (smart) => (smart ? [{ value: "best", label: "Best match", hint: "as found" }, ...SORTS] : SORTS);
/** From how many values on a list gets a search field. */
export const SEARCHED_FROM = 12;

/** What the syntax popover explains: [example, meaning]. */
export const SYNTAX = [
  ["beach", "words that begin with “beach”"], ['"new york"', "whole words only"], ["-anna", "without this word"],
  ["camera:canon", "taken with"], ["type:heic", "file type"], ["tag:family", "tag"], ["year:2016", "year taken"],
  ["from:2016-07-01", "taken on or after"], ["to:2016-07-31", "taken on or before"], ["rating:4", "four stars and more"],
  ["size:large", "small, medium, large, huge"], ["orientation:portrait", "landscape, portrait, square"],
  ["is:favourite", "favourite, video, animated, located, tagged, unreadable, private, remote"],
  ["ticket:4711", "pictures of a ticket"], ['company:"Super Nova"', "of a company, by name or number"], ["ean:4006381333931", "of a product"],
  ["album:Holidays", "in an album"], ["person:Anna", "with a person"], ["article:12", "in a knowledge-base article"],
];

/**
 * The removable chips of the active filters: one per value, [{name, value, text}].
 *
 * @param filters [[name, [value]]] as `view.filters` gives them
 * @param words `filterText` of gallery-core
 * @param labels (name) => {value: label}
 */
export function chipsOf(filters, words, labels) {
  return filters.flatMap(([name, values]) => values.map((value) => {
    if (name === "q") return { name, value, text: `“${value}”` };
    if (name === "min_rating") return { name, value, text: `★ ${value}${value === "5" ? "" : " and more"}` };
    const text = words(name, [value], labels(name));
    return { name, value, text: text[0].toUpperCase() + text.slice(1) };
  }));
}

/** Values of a list that fit what was typed in its search field; chosen ones come first. */
export function shownValues(values, chosen, typed) {
  const wanted = typed.trim().toLocaleLowerCase();
  const known = new Set(values.map((one) => one.value));
  const all = [...chosen.filter((value) => !known.has(value)).map((value) => ({ value, label: value, count: 0 })), ...values];
  return wanted ? all.filter((one) => String(one.label ?? one.value).toLocaleLowerCase().includes(wanted)) : all;
}

/** How many have at least `stars`, from the facet of exact ratings. */
export const ratedFrom = (values, stars) => values.reduce((sum, one) => sum + (Number(one.value) >= stars ? one.count : 0), 0);

/** Dates of a preset as {from, to}; `today` is an argument. */
export function presetDates(name, today) {
  const iso = (date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
  const back = (days) => new Date(today.getFullYear(), today.getMonth(), today.getDate() - days);
  const year = today.getFullYear();
  return {
    week: { from: iso(back(6)), to: iso(today) }, month: { from: iso(back(29)), to: iso(today) },
    year: { from: `${year}-01-01`, to: `${year}-12-31` }, last_year: { from: `${year - 1}-01-01`, to: `${year - 1}-12-31` },
  }[name];
}

/** A date chip in few words: "1 Jul – 31 Jul 2016", "since …", "until …". */
export function spanText(from, to, longDate) {
  if (from && to) return from === to ? longDate(from) : `${longDate(from)} – ${longDate(to)}`;
  return from ? `Since ${longDate(from)}` : to ? `Until ${longDate(to)}` : "Date";
}

/** Where a refused query went wrong: [before, word, after] of the typed text. */
export function markError(text, at) {
  const start = at ? text.toLocaleLowerCase().indexOf(String(at).toLocaleLowerCase()) : -1;
  return start < 0 ? [text, "", ""] : [text.slice(0, start), text.slice(start, start + String(at).length), text.slice(start + String(at).length)];
}
