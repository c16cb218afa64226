// The folders as they lie on disk: a tree beside the grid, a trail with tiles above it on phones.
// Both read the address (`?folder=1/2016`) and change nothing else; children load when opened.
import { count, events, get, prefix, view } from "./shared.js";

const AT_ONCE = 300; // rows of one folder before "Show more"
const EVERY_MS = 5000; // counts are asked again at most so often while pictures arrive

/** The folder of the address as "source/path", or "" at the top. */
const here = () => {
  const folder = view.search.get("folder");
  if (folder) return folder;
  const source = view.search.get("source");
  return source ? source + "/" : "";
};
const visible = () => view.path === "/folders";
const hrefOf = (value) =>
  prefix() + "/folders" + (value ? "?" + new URLSearchParams({ folder: value }) : "");

/** [{value, name, assets, folders}] below "source/path"; the sources themselves for "". */
async function below(value) {
  if (!value) {
    const answer = await get("/sources");
    const sources = answer.items ?? answer.sources ?? answer;
    return sources
      .filter((one) => one.kind === "folder")
      .map((one) => ({ value: `${one.id}/`, name: one.name, assets: one.assets ?? one.pictures ?? 0, folders: 1 }));
  }
  const at = value.indexOf("/");
  const [source, path] = [value.slice(0, at), value.slice(at + 1)];
  const { folders } = await get("/folders", { params: { source, path } });
  return folders.map((one) => ({ ...one, value: `${source}/${one.path}` }));
}

const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};

/** Builds the tree in `root` (WAI-ARIA tree pattern: arrows, Home, End, Enter). */
export function mountFolderTree(root) {
  const tree = make("ul");
  tree.setAttribute("role", "tree");
  tree.setAttribute("aria-label", "Folders");
  root.replaceChildren(tree);
  const nodes = new Map(); // value -> {item, group, level, filled: a promise once it was opened}
  let loadedAt = 0;
  let turn = 0;
  let started = false;

  const rows = () => [...tree.querySelectorAll('[role="treeitem"]')].filter((one) => one.offsetParent);
  const focus = (item) => {
    if (!item) return;
    for (const one of tree.querySelectorAll('[tabindex="0"]')) one.tabIndex = -1;
    item.tabIndex = 0;
    item.focus();
    item.firstElementChild.scrollIntoView({ block: "nearest" });
  };
  const choose = (value) => view.go("/folders", value ? { folder: value } : {});

  function row(entry, level) {
    const item = make("li");
    item.setAttribute("role", "treeitem");
    item.setAttribute("aria-level", level);
    item.tabIndex = -1;
    item.dataset.value = entry.value;
    if (entry.folders) item.setAttribute("aria-expanded", "false");
    const line = make("div", "folder-row i i-s i-folder");
    line.style.setProperty("--level", level - 1);
    const twist = make("span", "folder-twist");
    const name = make("span", "folder-name", entry.name);
    name.title = entry.name;
    const number = make("span", "folder-count", count(entry.assets));
    line.append(twist, name, number);
    const group = make("ul");
    group.setAttribute("role", "group");
    group.hidden = true;
    item.append(line, group);
    item.setAttribute("aria-label", `${entry.name}, ${count(entry.assets)} photos`);
    line.addEventListener("click", (event) => {
      focus(item);
      if (event.target === twist) toggle(entry.value);
      else choose(entry.value);
    });
    nodes.set(entry.value, { item, group, level, filled: null });
    return item;
  }

  function fill(group, entries, level, from = 0) {
    const old = from ? [] : [...group.children].filter((one) => one.dataset.value);
    const kept = new Map(old.map((one) => [one.dataset.value, one]));
    const items = entries.slice(from, from + AT_ONCE).map((entry) => {
      const known = kept.get(entry.value);
      if (!known) return row(entry, level);
      known.querySelector(".folder-count").textContent = count(entry.assets);
      known.setAttribute("aria-label", `${entry.name}, ${count(entry.assets)} photos`);
      if (entry.folders && !known.hasAttribute("aria-expanded")) known.setAttribute("aria-expanded", "false");
      if (!entry.folders) known.removeAttribute("aria-expanded");
      return known;
    });
    if (from) group.append(...items);
    else group.replaceChildren(...items);
    const rest = entries.length - from - items.length;
    if (rest > 0) {
      const more = make("li");
      const button = make("button", "button button-bare", `Show ${count(Math.min(rest, AT_ONCE))} more`);
      more.setAttribute("role", "none");
      button.addEventListener("click", () => {
        more.remove();
        fill(group, entries, level, from + AT_ONCE);
      });
      more.append(button);
      group.append(more);
    }
  }

  async function open(value) {
    const node = nodes.get(value);
    if (!node || !node.item.hasAttribute("aria-expanded")) return;
    node.item.setAttribute("aria-expanded", "true");
    node.group.hidden = false;
    node.filled ??= below(value).then(
      (entries) => fill(node.group, entries, node.level + 1),
      () => {
        node.filled = null;
        close(value);
      },
    );
    await node.filled;
  }
  function close(value) {
    const node = nodes.get(value);
    node.item.setAttribute("aria-expanded", "false");
    node.group.hidden = true;
  }
  const toggle = (value) =>
    nodes.get(value).item.getAttribute("aria-expanded") === "true" ? close(value) : open(value);

  /** Opens the way to the folder of the address and marks it. */
  async function follow() {
    const value = here();
    const mine = ++turn;
    if (value) {
      const [source, ...parts] = value.split("/");
      let at = source + "/";
      await open(at);
      for (const part of parts.filter(Boolean).slice(0, -1)) {
        at += (at.endsWith("/") ? "" : "/") + part;
        await open(at);
      }
    }
    if (mine !== turn) return; // one went on meanwhile
    for (const [key, { item }] of nodes) {
      item.setAttribute("aria-selected", String(key === value));
      item.tabIndex = -1;
    }
    const current = nodes.get(value)?.item ?? tree.querySelector('[role="treeitem"]');
    if (current) {
      current.tabIndex = 0;
      if (nodes.has(value)) current.firstElementChild.scrollIntoView({ block: "nearest" });
    }
  }

  async function load() {
    loadedAt = performance.now();
    fill(tree, await below(""), 1);
    if (!started && tree.childElementCount === 1) await open(tree.firstElementChild.dataset.value);
    started = true;
    for (const [value, node] of nodes)
      if (!node.item.isConnected) nodes.delete(value); // its folder or source is gone
      else if (node.filled && !node.group.hidden) fill(node.group, await below(value), node.level + 1);
  }

  tree.addEventListener("keydown", (event) => {
    const item = event.target.closest('[role="treeitem"]');
    if (!item || event.target !== item) return;
    const all = rows();
    const at = all.indexOf(item);
    const expanded = item.getAttribute("aria-expanded");
    const value = item.dataset.value;
    const keys = {
      ArrowDown: () => focus(all[at + 1]),
      ArrowUp: () => focus(all[at - 1]),
      Home: () => focus(all[0]),
      End: () => focus(all.at(-1)),
      ArrowRight: () => (expanded === "false" ? open(value) : expanded && focus(all[at + 1])),
      ArrowLeft: () =>
        expanded === "true" ? close(value) : focus(item.parentElement.closest('[role="treeitem"]')),
      Enter: () => choose(value),
      " ": () => choose(value),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  });
  const refresh = async () => {
    if (!visible()) return;
    try {
      if (!started) await load();
      await follow();
    } catch {
      /* offline: the frame says so; the next visit asks again */
    }
  };
  view.subscribe((change) => (change.path || change.query) && refresh());
  let waiting = 0;
  events.addEventListener("revision", () => {
    if (!visible() || waiting) return;
    const wait = Math.max(0, loadedAt + EVERY_MS - performance.now());
    waiting = setTimeout(() => {
      waiting = 0;
      load().then(follow, () => {});
    }, wait);
  });
  refresh();
}

/** Builds the trail from the top to the folder of the address, and tiles of what lies in it. */
export function mountFolderTrail(root) {
  const trail = make("nav", "folder-crumbs");
  trail.setAttribute("aria-label", "Folder");
  const tiles = make("div", "folder-tiles");
  root.replaceChildren(trail, tiles);
  const names = new Map();
  let turn = 0;

  async function draw() {
    if (!visible()) return;
    const mine = ++turn;
    const value = here();
    if (!names.size) for (const one of await below("")) names.set(one.value, one.name);
    const entries = await below(value);
    if (mine !== turn) return;
    const [source, ...parts] = value.split("/");
    const steps = [["", "All folders"]];
    if (value) steps.push([source + "/", names.get(source + "/") ?? "Source"]);
    let at = source + "/";
    for (const part of parts.filter(Boolean)) {
      at += (at.endsWith("/") ? "" : "/") + part;
      steps.push([at, part]);
    }
    trail.replaceChildren();
    steps.forEach(([to, name], index) => {
      const last = index === steps.length - 1;
      const step = make(last ? "span" : "a", "", name);
      if (last) step.setAttribute("aria-current", "location");
      else step.href = hrefOf(to);
      if (index) trail.append(make("i"));
      trail.append(step);
    });
    tiles.replaceChildren(
      ...entries.slice(0, AT_ONCE).map((entry) => {
        const tile = make("a", "i i-s i-folder");
        tile.href = hrefOf(entry.value);
        tile.append(make("span", "folder-name", entry.name), make("span", "folder-count", count(entry.assets)));
        return tile;
      }),
    );
  }
  const refresh = () => draw().catch(() => {});
  view.subscribe((change) => (change.path || change.query) && refresh());
  refresh();
}
