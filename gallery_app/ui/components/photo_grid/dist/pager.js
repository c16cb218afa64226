// The bar of the page mode: first, previous, numbers, next, last, and how many a page.
import { PER_PAGE, view } from "gallery-core";
import { count } from "gallery-core/format.js";

/** Page numbers to show around `page` of `pages`: first, last, neighbours; null is a gap. */
export function pageNumbers(page, pages, around = 2) {
  const out = [];
  let last = 0;
  for (let n = 1; n <= pages; n++) {
    const near = n === 1 || n === pages || Math.abs(n - page) <= around;
    if (!near) continue;
    if (n - last === 2) out.push(n - 1);
    else if (n - last > 2) out.push(null);
    out.push(n);
    last = n;
  }
  return out;
}

export class Pager {
  constructor(element) {
    this.element = element;
    element.addEventListener("click", (e) => this.#click(e));
    element.addEventListener("change", (e) => {
      const all = view.search;
      const first = (view.page - 1) * view.perPage; // the same picture stays on the page
      all.set("per_page", e.target.value);
      all.set("page", Math.floor(first / Number(e.target.value)) + 1);
      view.go(view.path, all);
    });
  }
  hide() {
    this.element.hidden = true;
  }
  /** Shows the bar for {page, perPage, pages, all}. */
  show({ page, perPage, pages, all }) {
    this.element.hidden = false;
    const address = (n) => {
      const params = view.search;
      params.set("page", n);
      return `?${params}`;
    };
    const link = (n, words, label, off) => {
      const element = document.createElement("a");
      element.textContent = words;
      element.setAttribute("aria-label", label);
      if (off) element.setAttribute("aria-disabled", "true");
      else element.href = address(n);
      if (n === page && !Number.isNaN(Number(words))) element.setAttribute("aria-current", "page");
      element.dataset.page = n;
      return element;
    };
    const numbers = document.createElement("span");
    numbers.className = "numbers";
    const around = innerWidth < 600 ? 1 : 2;
    for (const n of pageNumbers(page, pages, around)) {
      if (n) numbers.append(link(n, count(n), `Page ${count(n)}`));
      else numbers.append(Object.assign(document.createElement("span"), { textContent: "…" }));
    }
    const select = document.createElement("select");
    select.setAttribute("aria-label", "Photos per page");
    for (const n of PER_PAGE) select.append(new Option(`${n} a page`, n, false, n === perPage));
    const from = Math.min(all, (page - 1) * perPage + 1);
    const range = document.createElement("span");
    range.className = "range";
    range.textContent = all
      ? `${count(from)}–${count(Math.min(all, page * perPage))} of ${count(all)}`
      : "No photos";
    const first = page <= 1;
    const last = page >= pages;
    this.element.replaceChildren(
      range,
      link(1, "«", "First page", first),
      link(page - 1, "‹", "Previous page", first),
      numbers,
      link(page + 1, "›", "Next page", last),
      link(pages, "»", "Last page", last),
      select,
    );
  }
  #click(e) {
    const a = e.target.closest("a");
    if (!a || e.ctrlKey || e.metaKey || e.shiftKey || e.button) return;
    e.preventDefault();
    if (a.hasAttribute("aria-disabled")) return;
    view.set("page", a.dataset.page);
  }
}
