// The address as the state of the view, with a made-up browser around it.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

const entries = [];
let at = 0;
const listeners = new Map();
globalThis.location = {
  get href() { return "http://here" + entries[at].url; },
  get pathname() { return new URL(this.href).pathname; },
  get search() { return new URL(this.href).search; },
};
globalThis.history = {
  get state() { return entries[at].state; },
  pushState(state, _, url) { entries.splice(at + 1); entries.push({ state, url: url.replace("http://here", "") }); at = entries.length - 1; },
  replaceState(state, _, url) { entries[at] = { state, url: url.replace("http://here", "") }; },
  back() { at -= 1; window.dispatchEvent(new Event("popstate")); },
};
globalThis.window = {
  path_prefix: "/photos",
  addEventListener: (name, fn) => listeners.set(name, fn),
  dispatchEvent: (event) => listeners.get(event.type)?.(event),
};
entries.push({ state: null, url: "/photos/" });
const { view } = await import("gallery-core");

let heard = [];
view.subscribe((change) => heard.push(change));
beforeEach(() => {
  history.pushState({}, "", "/photos/?sort=name");
  heard = [];
});

describe("the address", () => {
  it("takes and drops values of a filter", () => {
    view.toggle("type", "jpeg");
    view.toggle("type", "png");
    assert.deepEqual(view.search.getAll("type"), ["jpeg", "png"]);
    view.toggle("type", "jpeg");
    assert.equal(view.params.toString(), "type=png");
    assert.ok(heard.every((change) => change.query));
  });
  it("goes back to page 1 with a new filter", () => {
    view.set("page", "7");
    view.set("camera", "Canon");
    assert.equal(view.page, 1);
  });
  it("drops every filter but keeps the order", () => {
    view.set("q", "lake");
    view.set("year", ["2015", "2016"]);
    view.clear();
    assert.equal(view.search.toString(), "sort=name");
  });
  it("opens a picture as a step that Back undoes", () => {
    view.openPhoto("u1");
    view.openPhoto("u2");
    assert.equal(view.photo, "u2");
    view.closePhoto();
    assert.equal(view.photo, null);
    assert.equal(view.search.toString(), "sort=name");
    assert.ok(heard.every((change) => change.photo && !change.query));
  });
  it("closes a picture that was opened by a link without leaving the page", () => {
    history.pushState({}, "", "/photos/?photo=u1");
    const before = entries.length;
    view.closePhoto();
    assert.equal(entries.length, before);
    assert.equal(location.search, "");
  });
  it("remembers the place of the grid and gives it back with Back", () => {
    view.remember({ uid: "u", key: "2016-07", dy: 12 });
    view.set("camera", "Canon");
    assert.equal(view.place, null);
    history.back();
    assert.deepEqual(view.place, { uid: "u", key: "2016-07", dy: 12 });
  });
  it("adds what the path means to what the API is asked", () => {
    history.pushState({}, "", "/photos/favourites?camera=Canon");
    assert.equal(view.query().toString(), "camera=Canon&is=favourite");
    history.pushState({}, "", "/photos/trash");
    assert.equal(view.query().toString(), "trashed=1");
  });
  it("searches by what pictures show within the filters that are set, best first", () => {
    history.pushState({}, "", "/photos/favourites?type=png&q=light&sort=name&page=3&photo=u1&view=pages");
    view.findSmart("light house");
    assert.equal(location.pathname, "/photos/favourites");
    assert.deepEqual(Object.fromEntries(view.search), { type: "png", view: "pages", smart: "light house" });
    assert.equal(view.query().toString(), "type=png&smart=light+house&is=favourite");
    assert.equal(view.query({ without: "smart" }).toString(), "type=png&is=favourite");
    view.set("sort", "-taken");
    assert.equal(view.query().get("sort"), "-taken", "by date when one asks for it");
    view.findSmart("boat");
    assert.equal(view.sort, "best", "another search brings its own order again");
  });
  it("puts a search by what pictures show in place of the words typed for it", () => {
    view.set("q", "boat");
    view.remember({ uid: "u1", bucket: "2016-07", dy: 4 });
    view.findSmart("boat", { replace: true });
    assert.equal(view.search.toString(), "smart=boat");
    assert.equal(view.place, null, "it begins at its top");
    heard = [];
    history.back();
    assert.equal(location.pathname + location.search, "/photos/?sort=name");
    assert.equal(heard.at(-1).back, true);
    view.set("q", "lake");
    assert.equal(heard.at(-1).back, false);
  });
  it("searches the gallery from where there are no photos, and from the trash", () => {
    for (const path of ["/photos/jobs?page=2", "/photos/trash"]) {
      history.pushState({}, "", path);
      view.findSmart("boat");
      assert.equal(location.pathname + location.search, "/photos/?smart=boat");
    }
  });
  it("hears of navigation by others, such as NiceGUI's", () => {
    history.pushState({ page: "/jobs" }, "", "/photos/jobs");
    assert.equal(view.hasGrid, false);
    assert.equal(heard.at(-1).path, true);
  });
  it("takes a page size only from those that are offered", () => {
    history.pushState({}, "", "/photos/?view=pages&page=3&per_page=33");
    assert.deepEqual([view.mode, view.page, view.perPage], ["pages", 3, 50]);
  });
});
