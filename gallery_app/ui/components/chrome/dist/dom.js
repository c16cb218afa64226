// Small things every part of the chrome builds its page with: elements, icons, styles, focus.
// Text only ever enters through textContent: names and metadata are hostile input.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Makes an element. `props`: class, text, on {event: handler}, data {key: value}; anything else is
 * an attribute (true writes it empty; false, null and undefined leave it out).
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "text") node.textContent = value;
    else if (name === "on") for (const [type, handler] of Object.entries(value)) node.addEventListener(type, handler);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// Outlines on a 24 px grid, drawn for this project.
const PATHS = {
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  chevron: "M6.5 9.5l5.5 5.5 5.5-5.5",
  left: "M14.5 5.5L8 12l6.5 6.5",
  right: "M9.5 5.5L16 12l-6.5 6.5",
  heart: "M12 20s-7.5-4.6-7.5-10.2A4.3 4.3 0 0 1 8.8 5.4c1.4 0 2.6.7 3.2 1.9.6-1.2 1.8-1.9 3.2-1.9a4.3 4.3 0 0 1 4.3 4.4C19.5 15.4 12 20 12 20z",
  info: "M12 11v5.5M12 7.6v.2M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17z",
  download: "M12 4v11M7 10.5l5 5 5-5M5 19.5h14",
  upload: "M12 16V5M7 9.5l5-5 5 5M5 19.5h14",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3A4 4 0 0 0 11 18.700l1-1",
  trash: "M5 7h14M10 7V4.500h4V7M7 7l.8 12.500h8.400L17 7M10.300 10.500v5.500M13.700 10.500v5.500",
  restore: "M5 10h9a5 5 0 0 1 0 10h-4M8.500 6L4.500 10l4 4",
  tag: "M4 12.500V5a1 1 0 0 1 1-1h7.500L20 11.500a1.400 1.400 0 0 1 0 2L13.500 20a1.400 1.400 0 0 1-2 0zM8.300 8.300v.1",
  search: "M10.500 4.500a6 6 0 1 1 0 12 6 6 0 0 1 0-12zM15 15l5 5",
  help: "M9.300 9.300a2.800 2.800 0 1 1 4 2.500c-.8.4-1.300 1-1.300 2M12 16.800v.1M12 3.500a8.500 8.500 0 1 1 0 17 8.500 8.500 0 0 1 0-17z",
  sort: "M7 5v14M3.500 15.500L7 19l3.500-3.500M13.500 6H20M13.500 11H18M13.500 16H16",
  grid: "M4 5h6.500v6H4zM13.500 5H20v4h-6.500zM4 14h6.500v5H4zM13.500 12H20v7h-6.500z",
  pages: "M6 3.500h8.500L18.500 8v12.500H6zM14 3.500V8.500h4.500M9 13h6.500M9 16.500h6.500",
  more: "M12 6v.1M12 12v.1M12 18v.1",
  copy: "M9 8.500h10.500V20H9zM15 8.500V4.500H4.500V16H9",
  folder: "M3.500 18.500v-13h6l2 2.500h9v10.500z",
  camera: "M4 8h3.500L9 5.500h6L16.500 8H20v11H4zM12 10.300a3 3 0 1 1 0 6 3 3 0 0 1 0-6z",
  place: "M12 21s-6.500-6-6.500-11a6.500 6.500 0 0 1 13 0c0 5-6.500 11-6.500 11zM12 7.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5z",
  calendar: "M4.500 6.500h15v13h-15zM4.500 10.500h15M8.500 4v4M15.500 4v4",
  image: "M4 5h16v14H4zM4 16l4.500-4.500 4 4 2.500-2.500 5 5M15 8.500a1 1 0 1 1 0 2 1 1 0 0 1 0-2z",
  warn: "M12 4L2.800 19.500h18.400zM12 10v4.500M12 17v.1",
  one: "M4 5h16v14H4zM8 9.500L9.500 8.500V15.500M15 9.500l1.500-1V15.500M12.700 10.500v.1M12.700 14v.1",
  retry: "M19 12a7 7 0 1 1-2.200-5.100M19 4.500v4h-4",
  minus: "M5.500 12h13",
  fit: "M4.500 9V4.500H9M15 4.500h4.500V9M19.500 15v4.500H15M9 19.500H4.500V15",
  plus: "M12 5.500v13M5.500 12h13",
  album: "M5 7.500h14V19H5zM7.500 4.500h9",
  spark: "M12 4l1.700 4.800L18.500 10.500l-4.800 1.700L12 17l-1.700-4.800L5.500 10.500l4.800-1.700zM18.500 16v4M16.500 18h4",
  star: "M12 4l2.400 5.200 5.600.6-4.200 3.800 1.200 5.600-5-2.900-5 2.900 1.200-5.600L4 9.800l5.600-.6z",
  play: "M8 5.500v13l10.500-6.500z",
};

/** An icon of the table above, hidden from screen readers: its button carries the name. */
export function icon(name, size = 20) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true", focusable: "false" }))
    svg.setAttribute(key, value);
  svg.classList.add("gc-icon", `gc-icon--${name}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name] ?? PATHS.info);
  svg.append(path);
  return svg;
}

/** A button with an icon; `label` is its name for the tooltip and for screen readers. */
export function iconButton(name, label, onClick, props = {}) {
  const { class: extra = "", ...rest } = props;
  return el("button", { type: "button", class: `gc-iconbtn ${extra}`, "aria-label": label, title: label, ...rest, on: { click: onClick } }, icon(name));
}

const sheets = new Map();

/** Adds a style sheet of a component's dist to the page once; resolves when it applies. */
export function ensureStyles(url) {
  const href = String(url);
  if (!sheets.has(href))
    sheets.set(href, new Promise((done) => {
      const link = el("link", { rel: "stylesheet", href, on: { load: done, error: done } });
      document.head.append(link);
    }));
  return sheets.get(href);
}

const FOCUSABLE = 'a[href],button:not([disabled]),input:not([disabled]),select:not([disabled]),textarea:not([disabled]),video[controls],summary,[tabindex="0"]';

/** What the Tab key reaches below `root`, in order, leaving out what is not on the screen. */
function focusables(root) {
  return [...root.querySelectorAll(FOCUSABLE)].filter((node) => node.checkVisibility?.({ visibilityProperty: true }) ?? node.offsetParent);
}

/** Keeps Tab within `root`. Call from its keydown. */
export function trapTab(event, root) {
  if (event.key !== "Tab") return;
  const stops = focusables(root);
  if (!stops.length) return event.preventDefault();
  const here = stops.indexOf(document.activeElement);
  if (event.shiftKey ? here <= 0 : here === stops.length - 1 || here < 0) {
    event.preventDefault();
    stops[event.shiftKey ? stops.length - 1 : 0].focus();
  }
}

/** The element that really has the focus, also inside a shadow root. */
export function deepActive() {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  return node;
}

/** Whether a key press belongs to a text field, so that no shortcut may take it. */
export function typing(event) {
  const node = event.composedPath?.()[0] ?? event.target;
  if (!(node instanceof Element)) return false;
  if (node.isContentEditable || node.matches("textarea,select")) return true;
  return node.matches("input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=range])");
}

/** A polite live region; `say(text)` reads it out. One per page is enough. */
export function announcer(assertive = false) {
  const id = assertive ? "gc-live-assertive" : "gc-live-polite";
  let node = document.getElementById(id);
  if (!node) {
    node = el("div", { id, class: "gc-sr", "aria-live": assertive ? "assertive" : "polite", "aria-atomic": "true" });
    document.body.append(node);
  }
  return (text) => {
    if (node.textContent === text) node.textContent = "";
    requestAnimationFrame(() => { node.textContent = text; });
  };
}

/** Waits until `wait` ms have passed without another call. */
export function debounce(fn, wait) {
  let timer = 0;
  const later = (...args) => { clearTimeout(timer); timer = setTimeout(() => fn(...args), wait); };
  later.cancel = () => clearTimeout(timer);
  return later;
}
