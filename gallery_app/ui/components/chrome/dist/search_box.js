// The search box: finds while one types, keeps one history entry per search, explains its
// language, and shows what the server refuses right below, naming the word. Where a connected
// Immich can find pictures by what they show, that is offered below the box.

import { get, view } from "gallery-core";
import { debounce, el, icon, iconButton, typing } from "./dom.js";
import { facets } from "./facets.js";
import { markError, SYNTAX } from "./filters.js";
import { attachPopover } from "./popover.js";

const WAIT_MS = 150;

/** Builds the box in `root`. Returns {destroy()}. */
export function mountSearchBox(root) {
  const errorId = `gc-search-error-${Math.random().toString(36).slice(2)}`;
  const input = el("input", {
    type: "search", class: "gc-search-input", placeholder: "Search names, cameras, tags, places", "aria-label": "Search", autocomplete: "off",
    spellcheck: "false", enterkeyhint: "search", "aria-describedby": errorId, maxlength: "500",
  });
  const clear = iconButton("close", "Clear search", () => { input.value = ""; commit(); follow(); input.focus(); }, { class: "gc-search-btn" });
  const help = iconButton("help", "How to search", () => {}, { class: "gc-search-btn" });
  const error = el("p", { id: errorId, class: "gc-search-error", role: "status", hidden: true });
  const smartWords = el("span");
  const smart = el("button", { type: "button", class: "gc-smart", hidden: true, "aria-keyshortcuts": "Shift+Enter", on: { mousedown: (event) => event.preventDefault(), click: () => findSmart() } },
    icon("spark", 18), smartWords, el("kbd", { class: "gc-kbd", "aria-hidden": "true", text: "Shift + Enter" }));
  const form = el("form", { class: "gc-search", role: "search" }, icon("search", 20), input, clear, help, error, smart);
  root.classList.add("gc", "gc-searchbox");
  root.append(form);

  const pop = attachPopover(help, {
    label: "How to search", align: "end",
    fill: (panel, popover) => panel.append(
      el("div", { class: "gc-pop-head" }, el("h3", { text: "How to search" })),
      el("p", { class: "gc-note", text: "Words are looked for in names, folders, titles, captions, tags, cameras and places. All of them must fit." }),
      el("ul", { class: "gc-syntax" }, SYNTAX.map(([example, meaning]) => el("li", {},
        el("button", { type: "button", class: "gc-code", text: example, "aria-label": `Add ${example} to the search`, on: { click: () => { popover.close(); add(example); } } }), el("span", { text: meaning }))))),
  });

  const current = () => (view.hasGrid ? view.params.getAll("q").join(" ") : "");
  let entry = false; // whether the running search has its own history entry already

  function commit() {
    later.cancel();
    const text = input.value.trim();
    if (text === current()) return;
    if (!view.hasGrid) {
      if (text) view.go("/", { q: text });
      return;
    }
    view.set("q", text ? [text] : [], { replace: entry });
    entry = Boolean(text);
  }
  const later = debounce(commit, WAIT_MS);

  // --- by what the pictures show ---------------------------------------------------------------
  let asked = null; // whether it can: asked whenever one comes into the box
  let able = false;
  function askAble() {
    const mine = (asked = get("/smart").then((answer) => answer.available, () => false));
    mine.then((answer) => {
      if (mine !== asked) return;
      able = answer;
      offer();
    });
  }
  /** The offer stands while one is in the box and has typed plain words. */
  function offer() {
    const text = input.value.trim();
    const plain = text.length > 1 && !/[:"]/.test(text);
    smart.hidden = !able || !plain || !form.contains(document.activeElement) || !error.hidden;
    smartWords.textContent = `Find photos that show “${text}” with Immich`;
  }
  function findSmart() {
    const text = input.value.trim();
    if (!text) return;
    later.cancel();
    input.value = "";
    view.findSmart(text, { replace: entry }); // Back leads to where one was before one typed
    entry = false;
    follow();
    if (matchMedia("(hover: none)").matches) input.blur(); // its keyboard would hide what is found
  }

  function add(example) {
    input.value = `${input.value.trim()} ${example}`.trim();
    input.focus();
    commit();
  }

  function follow({ back = false } = {}) {
    const text = current();
    if (back) {
      later.cancel();
      entry = false;
      input.value = text;
    }
    // While one types, the field is ahead of the address and wins.
    if (document.activeElement !== input || input.value.trim() === "") {
      if (input.value.trim() !== text) input.value = text;
    }
    if (!text) entry = false;
    clear.hidden = !input.value;
    show();
  }

  function show() {
    const wrong = view.hasGrid && facets.error?.code === "bad_query" && current() ? facets.error : null;
    error.hidden = !wrong;
    setTimeout(offer); // while the box is being left, nobody knows yet for where
    input.setAttribute("aria-invalid", String(Boolean(wrong)));
    if (!wrong) return void error.replaceChildren();
    const [before, word, after] = markError(current(), wrong.data?.at);
    error.replaceChildren(el("span", { text: wrong.message }), ...(word ? [el("span", { class: "gc-search-where", "aria-hidden": "true" }, before, el("mark", { text: word }), after)] : []));
  }

  input.addEventListener("input", () => {
    clear.hidden = !input.value;
    offer();
    if (view.hasGrid) later();
  });
  form.addEventListener("focusout", () => setTimeout(offer));
  input.addEventListener("focus", askAble);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.shiftKey && able) {
      event.preventDefault();
      findSmart();
      return;
    }
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    if (input.value) { input.value = ""; commit(); follow(); } else input.blur();
  });
  input.addEventListener("blur", () => { if (view.hasGrid) commit(); entry = false; follow(); });
  form.addEventListener("submit", (event) => { event.preventDefault(); commit(); entry = false; });
  const onKey = (event) => {
    if (event.key !== "/" || typing(event) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open], .pswp--open")) return;
    event.preventDefault();
    input.focus();
    input.select();
  };
  document.addEventListener("keydown", onKey);
  const ends = [view.subscribe(follow), facets.subscribe(show)];
  follow();
  return {
    destroy() {
      later.cancel();
      document.removeEventListener("keydown", onKey);
      for (const end of ends) end();
      pop.destroy();
      root.replaceChildren();
    },
  };
}
