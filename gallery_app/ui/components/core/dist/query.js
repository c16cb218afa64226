// The state of the screen is its address: filters, sort, page and the open picture.
// Everyone reads and changes it through `view`; NiceGUI's own navigation is noticed too.
import { prefix } from "./api.js";

/** Filters that stand in an address, in the order chips are shown (domain/query.py PARAMS). */
export const FILTERS = [
  "q", "type", "camera", "year", "source", "folder", "tag", "not_tag", "orientation", "size",
  "from", "to", "min_bytes", "max_bytes", "min_width", "min_height", "min_rating", "is",
  "ticket", "company", "requester", "article", "product", "album", "person", "smart",
];
/** Paths whose main content is the grid, and the filters each of them adds. */
const GRID_PATHS = {
  "/": {},
  "/folders": {},
  "/favourites": { is: "favourite" },
  "/trash": { trashed: "1" },
};
const PLACE_ONLY = { "/folders": ["source", "folder"] }; // part of the place, not a removable chip
export const PER_PAGE = [20, 50, 100];
/** The order of an address that names none: a search by what pictures show brings its own. */
export const usualSort = (params) => (params.get("smart") ? "best" : "-taken");
const NOWHERE = { place: null }; // what else is shown begins at its top
const PATCHED = Symbol.for("gallery.history");

const strip = (path) => {
  const before = prefix();
  const rest = before && path.startsWith(before) ? path.slice(before.length) : path;
  return rest.length > 1 ? rest.replace(/\/+$/, "") || "/" : rest || "/";
};

class View {
  #subscribers = new Set();
  #seen = "";
  #last = null;

  constructor() {
    if (typeof window === "undefined") return;
    this.#seen = location.href;
    this.#last = this.#parts();
    window.addEventListener("popstate", () => this.#notice({ back: true }));
    if (!history[PATCHED]) {
      // pushState tells nobody; NiceGUI navigates by it, so everyone is told here
      for (const name of ["pushState", "replaceState"]) {
        const original = history[name].bind(history);
        history[name] = (...args) => {
          original(...args);
          window.dispatchEvent(new Event("gallery-address"));
        };
      }
      history[PATCHED] = true;
    }
    window.addEventListener("gallery-address", () => this.#notice());
  }

  /** The path without the prefix the program is served under. */
  get path() {
    return strip(location.pathname);
  }
  /** Every parameter of the address. */
  get search() {
    return new URLSearchParams(location.search);
  }
  /** Whether this address shows the grid. */
  get hasGrid() {
    return this.path in GRID_PATHS;
  }
  /** The filters this path adds by itself, such as {is: "favourite"}. */
  get base() {
    return GRID_PATHS[this.path] ?? {};
  }
  /** The filters in the address, nothing else. */
  get params() {
    const all = this.search;
    const out = new URLSearchParams();
    for (const name of FILTERS)
      for (const value of all.getAll(name)) if (value) out.append(name, value);
    return out;
  }
  /** Active filters as [name, values], those that make up the place (a folder) left out. */
  get filters() {
    const params = this.params;
    const place = PLACE_ONLY[this.path] ?? [];
    return FILTERS.filter((name) => params.has(name) && !place.includes(name)).map((name) => [
      name,
      params.getAll(name),
    ]);
  }
  get sort() {
    return this.search.get("sort") || usualSort(this.search);
  }
  get photo() {
    return this.search.get("photo");
  }
  get mode() {
    return this.search.get("view") === "pages" ? "pages" : "timeline";
  }
  get page() {
    return Math.max(1, Math.trunc(Number(this.search.get("page"))) || 1);
  }
  get perPage() {
    const wanted = Number(this.search.get("per_page"));
    return PER_PAGE.includes(wanted) ? wanted : 50;
  }
  /** What the API is asked: filters, the path's own, and the sort unless it is the usual one. */
  query({ without } = {}) {
    const out = this.params;
    if (without) out.delete(without);
    for (const [name, value] of Object.entries(this.base)) out.append(name, value);
    const { sort } = this;
    if (sort !== "best" && sort !== usualSort(out)) out.set("sort", sort);
    return out;
  }

  /** Whether a filter has this value. */
  has(name, value) {
    return this.search.getAll(name).includes(String(value));
  }
  /** Gives a parameter these values (none: drops it); filters begin again on page 1. */
  set(name, values, { replace = false } = {}) {
    const all = this.search;
    all.delete(name);
    const list = Array.isArray(values) ? values : [values];
    for (const value of list)
      if (value !== undefined && value !== null && value !== "") all.append(name, value);
    if (name !== "page" && name !== "photo") all.delete("page");
    this.go(this.path, all, { replace, state: NOWHERE });
  }
  /** Adds the value to a filter, or takes it away when it is there. */
  toggle(name, value, options) {
    const values = this.search.getAll(name);
    const text = String(value);
    const kept = values.filter((one) => one !== text);
    this.set(name, kept.length === values.length ? [...values, text] : kept, options);
  }
  /**
   * Narrows what is shown to pictures that show `text`, best first. The filters stay; the words
   * of the search box do not, for they are what is asked. The trash is not searched this way.
   * With `replace` it takes the place of what was found while the words were typed.
   */
  findSmart(text, { replace = false } = {}) {
    const all = this.hasGrid ? this.search : new URLSearchParams();
    for (const name of ["q", "sort", "page", "photo"]) all.delete(name);
    all.set("smart", text);
    const path = this.hasGrid && this.path !== "/trash" ? this.path : "/";
    this.go(path, all, { replace, state: NOWHERE });
  }
  /** Drops every filter; the place (a folder), the sort and the mode stay. */
  clear(options) {
    const all = this.search;
    for (const [name] of this.filters) all.delete(name);
    all.delete("page");
    this.go(this.path, all, options);
  }
  /** Goes to a path of the program with these parameters. */
  go(path, params, { replace = false, state = {} } = {}) {
    const query = new URLSearchParams(params ?? "").toString();
    const page = path + (query ? "?" + query : "");
    const url = prefix() + page;
    if (url === location.pathname + location.search && !replace) return;
    // `page` is what NiceGUI reads on Back; ours lives beside it
    const kept = replace ? (history.state ?? {}) : {};
    history[replace ? "replaceState" : "pushState"]({ ...kept, ...state, page }, "", url);
  }

  /** Puts the viewer's picture into the address: a new entry at opening, the same one after. */
  openPhoto(uid) {
    if (this.photo === uid) return;
    const all = this.search;
    all.set("photo", uid);
    if (this.photo) this.go(this.path, all, { replace: true });
    else this.go(this.path, all, { state: { opened: true } });
  }
  /** Takes the viewer out of the address: Back when it was opened here, else in place. */
  closePhoto() {
    if (!this.photo) return;
    if (history.state?.opened) return void history.back();
    const all = this.search;
    all.delete("photo");
    this.go(this.path, all, { replace: true });
  }

  /** Remembers where the grid stands, so that Back and a reload restore it. */
  remember(place) {
    if (JSON.stringify(history.state?.place) === JSON.stringify(place)) return;
    const page = history.state?.page ?? this.path + location.search;
    history.replaceState({ ...history.state, page, place }, "", location.href);
  }
  /** The place remembered for this entry: {uid, bucket, dy} or null. */
  get place() {
    return history.state?.place ?? null;
  }

  /**
   * Calls `fn({query, photo, page, path, mode, back})` when the address changes: what differs, and
   * whether Back or Forward did it.
   */
  subscribe(fn) {
    this.#subscribers.add(fn);
    return () => this.#subscribers.delete(fn);
  }
  #parts() {
    return {
      path: this.path,
      query: this.query().toString(),
      photo: this.photo,
      mode: this.mode,
      page: this.mode === "pages" ? `${this.page}/${this.perPage}` : "",
    };
  }
  #notice({ back = false } = {}) {
    if (location.href === this.#seen) return;
    this.#seen = location.href;
    const before = this.#last;
    const now = (this.#last = this.#parts());
    const change = { back };
    for (const name of Object.keys(now)) change[name] = before[name] !== now[name];
    for (const fn of [...this.#subscribers]) fn(change);
  }
}

/** The one view of this page. */
export const view = new View();
