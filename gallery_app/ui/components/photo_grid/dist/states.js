// What stands where pictures would: loading, failure, nothing yet, or filters that exclude all.
import { get, view } from "gallery-core";
import { countOf, filterText } from "gallery-core/format.js";

const ICONS = {
  photos: "M5 5h14v14H5z M8 15l3-4 2.5 3 2-2.5L19 16 M9 9.5a1 1 0 1 0 0-.01",
  favourites: "M12 20s-7.5-4.6-7.5-10A4.2 4.2 0 0 1 12 7.4 4.2 4.2 0 0 1 19.500 10c0 5.400-7.500 10-7.500 10z",
  trash: "M5 7h14 M9.500 7V5h5v2 M7 7l1 13h8l1-13 M10.500 11v5 M13.500 11v5",
  folder: "M4 6h6l2 2h8v11H4z",
  filter: "M4 6h16 M7 12h10 M10 18h4",
  failure: "M12 4l9 16H3z M12 10v4 M12 16.800v.2",
};
const EMPTY = {
  "/": ["photos", "No photos yet", "Add a folder on the Sources page, or drop pictures anywhere on this page."],
  "/favourites": ["favourites", "No favourites yet", "Mark a picture with the heart and it appears here."],
  "/trash": ["trash", "The trash is empty", "Pictures you move to the trash wait here until you put them back."],
  "/folders": ["folder", "No pictures in this folder", "Choose another folder, or add pictures to this one."],
};

export class States {
  constructor(element, { retry }) {
    this.element = element;
    this.body = element.querySelector(".state-body");
    this.slot = element.querySelector("slot");
    this.retry = retry;
    this.kind = null;
  }
  hide() {
    this.kind = null;
    this.element.hidden = true;
    this.asked?.abort();
  }
  #show(kind, icon, title, text, buttons = []) {
    this.kind = kind;
    this.element.hidden = false;
    this.element.dataset.kind = kind;
    this.slot.hidden = true;
    this.body.hidden = false;
    const svg = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`;
    this.body.innerHTML = icon ? svg : "";
    for (const [tag, words] of [["h2", title], ["p", text]]) {
      if (!words) continue;
      const element = document.createElement(tag);
      element.textContent = words;
      this.body.append(element);
    }
    this.choices = document.createElement("div");
    this.choices.className = "choices";
    this.choices.append(...buttons);
    this.body.append(this.choices);
  }
  #button(words, run, primary = false) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = primary ? "choice primary" : "choice";
    button.textContent = words;
    button.addEventListener("click", run);
    return button;
  }

  failure(error) {
    const text = error?.message || "Something went wrong.";
    if (error?.code === "bad_query") {
      const typed = view.params.has("q");
      const drop = () => (typed ? view.set("q", []) : view.clear());
      const clear = this.#button(typed ? "Clear the search" : "Clear all filters", drop, true);
      return this.#show("failure", "filter", "This search cannot be understood", typed ? "" : text, [clear]); // the search box says why
    }
    this.#show("failure", "failure", "The photos could not be loaded", text, [
      this.#button("Try again", this.retry, true),
    ]);
  }
  /** Nothing at this place at all; a page may bring its own words in the slot. */
  nothing(path) {
    const [icon, title, text] = EMPTY[path] ?? EMPTY["/"];
    this.#show("nothing", icon, title, text);
    if (path === "/" && this.slot.assignedElements().length) {
      this.body.hidden = true;
      this.slot.hidden = false;
    }
  }
  /** The filters exclude everything: says what each of them alone takes away. */
  async excluded(filters) {
    this.asked?.abort();
    const { signal } = (this.asked = new AbortController());
    const clear = this.#button("Clear all filters", () => view.clear());
    this.#show("excluded", "filter", "Nothing matches these filters", "", [clear]);
    const asked = filters.map(async ([name, values]) => {
      const params = view.query({ without: name });
      params.set("per_page", 1);
      const { total } = await get("/assets", { params, signal });
      return { name, values, total };
    });
    const known = (await Promise.allSettled(asked))
      .filter((one) => one.status === "fulfilled" && one.value.total > 0)
      .map((one) => one.value)
      .sort((a, b) => b.total - a.total);
    if (signal.aborted || this.kind !== "excluded") return;
    const labels = await facetLabels(known, signal);
    if (signal.aborted || this.kind !== "excluded") return;
    const drop = known.map(({ name, values, total }, i) => {
      const words = name === "q" ? values.join(" ") : filterText(name, values, labels[name]);
      const are = total === 1 ? "there is 1 photo" : `there are ${countOf(total, "photo")}`;
      return this.#button(`Without “${words}” ${are}`, () => view.set(name, []), i === 0);
    });
    if (!drop.length) {
      const hint = document.createElement("p");
      hint.textContent = "No single filter is to blame: each of the others excludes everything too.";
      this.choices.before(hint);
    }
    this.choices.replaceChildren(...drop, clear);
  }
}

/** The server's own words for values that are mere ids (a source's name). */
async function facetLabels(filters, signal) {
  if (!filters.some(({ name }) => name === "source")) return {};
  try {
    const { facets } = await get("/facets", { params: view.query({ without: "source" }), signal });
    return { source: Object.fromEntries(facets.source.map(({ value, label }) => [value, label])) };
  } catch {
    return {};
  }
}
