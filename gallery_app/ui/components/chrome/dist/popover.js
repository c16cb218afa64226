// A light popover below a button: top layer, closes on Esc or a click outside, gives the focus
// back. Below 600 px it is a sheet at the bottom edge.

import { el } from "./dom.js";

let count = 0;

/**
 * Ties a popover to `button`. `fill(panel)` builds its content at each opening.
 *
 * @returns {{open(): void, close(): void, panel: HTMLElement, destroy(): void, isOpen: boolean}}
 */
export function attachPopover(button, { label, fill, align = "start", onClose, role = "dialog" }) {
  const panel = el("div", { id: `gc-pop-${++count}`, class: "gc gc-pop", popover: "auto", role, "aria-label": label, tabindex: "-1" });
  button.setAttribute("aria-haspopup", role === "menu" ? "menu" : "dialog");
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", panel.id);
  let pressed = false; // the press that is under way found it open: the browser closes it by itself

  const place = () => {
    if (matchMedia("(max-width: 599px)").matches) {
      panel.style.cssText = "";
      return;
    }
    const at = button.getBoundingClientRect();
    const width = panel.offsetWidth;
    const left = align === "end" ? at.right - width : at.left;
    panel.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
    const below = innerHeight - at.bottom - 16;
    const above = at.top - 16;
    const up = below < Math.min(panel.scrollHeight, 280) && above > below;
    panel.style.maxHeight = `${Math.max(160, Math.min(up ? above : below, 760))}px`;
    panel.style.top = up ? "auto" : `${at.bottom + 6}px`;
    panel.style.bottom = up ? `${innerHeight - at.top + 6}px` : "auto";
  };
  const onResize = () => api.isOpen && place();

  panel.addEventListener("toggle", (event) => {
    const open = event.newState === "open";
    button.setAttribute("aria-expanded", String(open));
    if (open) return;
    window.removeEventListener("resize", onResize);
    panel.replaceChildren();
    onClose?.();
  });
  const onPress = () => { pressed = api.isOpen; };
  const onClick = () => {
    const close = pressed || api.isOpen;
    pressed = false;
    close ? api.close() : api.open();
  };
  button.addEventListener("pointerdown", onPress);
  button.addEventListener("click", onClick);

  const api = {
    panel,
    place,
    get isOpen() { return panel.matches(":popover-open"); },
    open() {
      // Next to its button in reading order; the top layer frees it from every clipping parent.
      if (button.nextElementSibling !== panel) button.after(panel);
      panel.replaceChildren();
      fill(panel, api);
      if (!api.isOpen) panel.showPopover();
      place();
      window.addEventListener("resize", onResize);
      (panel.querySelector("[data-autofocus]") ?? panel.querySelector("[aria-checked=true],input,button,a[href]") ?? panel).focus({ preventScroll: true });
    },
    close() {
      if (!api.isOpen) return;
      const had = panel.contains(document.activeElement);
      panel.hidePopover();
      if (had) button.focus({ preventScroll: true });
    },
    destroy() { panel.remove(); button.removeEventListener("pointerdown", onPress); button.removeEventListener("click", onClick); window.removeEventListener("resize", onResize); },
  };
  return api;
}

/** Fills a popover with a menu. `items`: {label, hint, icon, checked, disabled, danger, run}. */
export function fillMenu(panel, popover, items) {
  panel.classList.add("gc-menu");
  const rows = items.map((item) => {
    if (item.separator) return el("div", { class: "gc-menu-sep", role: "separator" });
    const radio = item.checked !== undefined;
    return el("button", {
      type: "button", class: `gc-menu-item${item.danger ? " gc-menu-item--danger" : ""}`, role: radio ? "menuitemradio" : "menuitem",
      "aria-checked": radio ? String(item.checked) : null, disabled: item.disabled, tabindex: "-1",
      on: { click: () => { popover.close(); item.run(); } },
    }, el("span", { class: "gc-menu-label", text: item.label }), item.hint && el("span", { class: "gc-menu-hint", text: item.hint }));
  });
  panel.append(...rows);
  panel.onkeydown = (event) => {
    const stops = rows.filter((row) => row.matches("button:not([disabled])"));
    const here = stops.indexOf(document.activeElement);
    const to = { ArrowDown: (here + 1) % stops.length, ArrowUp: (here - 1 + stops.length) % stops.length, Home: 0, End: stops.length - 1 }[event.key];
    if (event.key === "Tab") return popover.close();
    if (to === undefined) return;
    event.preventDefault();
    stops[to]?.focus();
  };
}
