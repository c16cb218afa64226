// Light, dark, or as the system has it: kept per browser, the same in every tab.
// The head's script (theme.py) has set it before the first paint; here it is changed.

import { kept } from "gallery-core";

const KEY = "gallery.theme";
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

function apply() {
  const choice = kept.get(KEY) || "auto";
  const dark = choice === "dark" || (choice === "auto" && system.matches);
  root.dataset.chosen = choice;
  root.dataset.theme = dark ? "dark" : "light";
  globalThis.Quasar?.Dark.set(dark);
  let meta = document.querySelector('meta[name="theme-color"]');
  if (!meta) {
    meta = document.createElement("meta");
    meta.name = "theme-color";
    document.head.append(meta);
  }
  meta.content = getComputedStyle(root).getPropertyValue("--surface").trim();
  for (const one of document.querySelectorAll("[data-theme-choice]"))
    one.setAttribute("aria-checked", String(one.dataset.themeChoice === choice));
}

/** "auto", "light" or "dark", now and at the next visit. */
export function choose(choice) {
  kept.set(KEY, choice);
  apply();
}

/** Follows the system, the other tabs and the buttons with `data-theme-choice`. */
export function watchTheme() {
  apply();
  system.addEventListener("change", apply);
  addEventListener("storage", (event) => event.key === KEY && apply());
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-theme-choice]");
    if (!button) return;
    choose(button.dataset.themeChoice);
    button.closest("[popover]")?.hidePopover();
  });
}
