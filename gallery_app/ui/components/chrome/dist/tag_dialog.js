// Gives chosen pictures tags, or takes tags away, with the gallery's own tags as suggestions.

import { actions, format, get } from "gallery-core";
import { el, icon } from "./dom.js";
import { openDialog } from "./dialogs.js";

/** Tags in a text: split at commas, trimmed, each once whatever its case. */
function tagsIn(text, have = []) {
  const seen = new Set(have.map((tag) => tag.toLocaleLowerCase()));
  return text.split(",").map((tag) => tag.trim()).filter((tag) => {
    const key = tag.toLocaleLowerCase();
    return tag && !seen.has(key) && seen.add(key);
  });
}

/** Opens the dialog for these uids; `apply(action, tags)` may replace the usual way. */
export function openTagDialog({ uids, count = uids.length, apply }) {
  const chosen = [];
  let known = [];
  const list = el("ul", { class: "gc-taglist" });
  const offers = el("div", { class: "gc-offers", role: "group", "aria-label": "Suggestions" });
  const input = el("input", { class: "gc-input", type: "text", placeholder: "Type a tag, Enter to add", "aria-label": "Tag", autocomplete: "off", maxlength: "200", data: { autofocus: "" } });
  const add = (text) => { chosen.push(...tagsIn(text, chosen)); input.value = ""; draw(); };
  const run = async (dialog, action) => {
    add(input.value);
    if (!chosen.length) return input.focus();
    dialog.close();
    await (apply ? apply(action, chosen) : actions[action](uids, chosen));
  };
  function draw() {
    list.replaceChildren(...chosen.map((tag, at) => el("li", { class: "gc-activechip" }, el("span", { text: tag }),
      el("button", { type: "button", "aria-label": `Leave out ${tag}`, on: { click: () => { chosen.splice(at, 1); draw(); input.focus(); } } }, icon("close", 14)))));
    list.hidden = !chosen.length;
    const typed = input.value.trim().toLocaleLowerCase();
    const have = new Set(chosen.map((tag) => tag.toLocaleLowerCase()));
    const fit = known.filter((one) => !have.has(one.value.toLocaleLowerCase()) && one.value.toLocaleLowerCase().includes(typed)).slice(0, 24);
    offers.replaceChildren(...fit.map((one) => el("button", { type: "button", class: "gc-chip", on: { click: () => { add(one.value); input.focus(); } } },
      el("span", { text: one.value }), el("small", { text: format.count(one.count) }))));
  }
  input.addEventListener("input", () => (input.value.includes(",") ? add(input.value) : draw()));
  get("/facets").then((facets) => { known = facets.facets.tag ?? []; draw(); }, () => null);
  return openDialog({
    title: `Tags for ${format.countOf(count, "photo")}`,
    build: (dialog) => {
      input.addEventListener("keydown", (event) => {
        if (event.key === "Enter") { event.preventDefault(); input.value.trim() ? add(input.value) : run(dialog, "tag"); }
        if (event.key === "Backspace" && !input.value && chosen.length) { chosen.pop(); draw(); }
      });
      draw();
      return [list, input, offers, el("footer", { class: "gc-dialog-actions" },
        el("button", { type: "button", class: "gc-button", text: "Take away", on: { click: () => run(dialog, "untag") } }),
        el("button", { type: "button", class: "gc-button gc-button--primary", text: "Add tags", on: { click: () => run(dialog, "tag") } }))];
    },
  });
}
