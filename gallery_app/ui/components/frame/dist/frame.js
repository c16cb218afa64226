// Moves between the places of the program: the address, the marks in the navigation, the title
// and which of grid and page is shown change at once; the server is told and sends the page.
import { events, latest, prefix, toast, view, watchStatus } from "gallery-core";
import { watchTheme } from "./theme.js";

const root = document.documentElement;
let mounted = false;

const clean = (path) => {
  const before = prefix();
  const rest = before && path.startsWith(before) ? path.slice(before.length) : path;
  return rest.replace(/\/+$/, "") || "/";
};

function show(places) {
  const path = view.path;
  const place = places.find((one) => one.path === path);
  root.dataset.place = place ? path : "";
  root.dataset.kind = place?.kind ?? "page";
  document.title = `${place?.title ?? "Not found"} · Gallery`;
  const heading = document.getElementById("grid-title");
  if (heading && place?.kind === "grid") heading.textContent = place.title;
  for (const link of document.querySelectorAll("[data-place-link]")) {
    if (link.dataset.placeLink === path) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const more = document.querySelector(".rail-more");
  const under = place && document.querySelector(`.sheet-more [data-place-link="${path}"]`);
  if (under) more?.setAttribute("aria-current", "page");
  else more?.removeAttribute("aria-current");
}

/** Whether there is any picture at all: the style sheet hides what would filter nothing. */
const weigh = () => {
  if (latest.total !== null) root.dataset.empty = String(latest.total === 0);
};

function follow(event, places) {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest?.("a[href]");
  if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
  const url = new URL(link.href);
  const path = clean(url.pathname);
  if (url.hash || !places.some((one) => one.path === path)) return;
  // before NiceGUI's own listener, which would wait for the server
  event.preventDefault();
  event.stopPropagation();
  link.closest("[popover]")?.hidePopover?.();
  const moved = path !== view.path;
  view.go(path, url.searchParams);
  if (moved) document.querySelector("main.main")?.focus({ preventScroll: true });
}

/**
 * Starts the frame, once per page. `places`: [{path, title, kind}]; `emit(name, detail)`.
 * Returns what Python asks of the frame.
 */
export function mountFrame(places, emit) {
  if (!mounted) {
    mounted = true;
    watchTheme();
    for (const name of ["progress", "revision"]) events.addEventListener(name, weigh);
    watchStatus();
    weigh(); // it may have been asked already
    document.addEventListener("click", (event) => follow(event, places), true);
    view.subscribe((change) => {
      if (!change.path) return;
      show(places);
      // on Back NiceGUI tells the server itself
      if (!change.back)
        globalThis.emitEvent?.("sub_pages_open", view.path + location.search);
    });
  }
  show(places);
  return {
    /** Shows a message; with `undo` (a token) it has an Undo button that emits it. */
    toast(text, { error = false, undo = null } = {}) {
      const action = undo === null ? undefined : { label: "Undo", run: () => emit("undo", { token: undo }) };
      toast(text, { error, action });
    },
    /** Moves to an address without the prefix; with `replace` in place of this one. */
    go(address, replace = false) {
      const url = new URL(address, location.origin);
      view.go(clean(prefix() + url.pathname), url.searchParams, { replace });
    },
    /**
     * Scrolls what holds an element sideways, so that the element is in its middle. Not
     * scrollIntoView: the next Tab key would go on from there and leave out what stands before.
     */
    centre(id) {
      const one = document.getElementById(id);
      const strip = one?.parentElement;
      if (!strip) return;
      const [at, around] = [one.getBoundingClientRect(), strip.getBoundingClientRect()];
      strip.scrollLeft += at.left + at.width / 2 - around.left - around.width / 2;
    },
    /** Puts a text on the clipboard and says so; a path becomes a whole address. */
    async copy(text, said) {
      if (text.startsWith("/")) text = location.origin + text;
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        // no clipboard without https: the old way, from a field that nobody sees
        const field = document.createElement("textarea");
        field.value = text;
        field.style.cssText = "position:fixed;opacity:0";
        document.body.append(field);
        field.select();
        const done = document.execCommand("copy");
        field.remove();
        if (!done) return toast("Copying is not allowed here.", { error: true });
      }
      toast(said);
    },
  };
}
