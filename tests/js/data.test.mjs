// Bytes of buckets, uids, the list over them, and the window over the list.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { apiUrl, uidFromBytes, uidToBytes, Selection, ApiError } from "gallery-core";
import { cssColour, indexOf, parseColumns, rgb565 } from "../../gallery_app/ui/components/photo_grid/dist/columns.js";
import { Library, LOADED } from "../../gallery_app/ui/components/photo_grid/dist/library.js";
import { Viewport, WINDOW } from "../../gallery_app/ui/components/photo_grid/dist/viewport.js";
import { bucketBytes, dice, options, uidBytes } from "./tools.mjs";

describe("a uid", () => {
  it("is written as domain/model.py writes it", () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, i) => i * 17);
    assert.equal(uidFromBytes(bytes), "0024h36h2ncsvrh6daqf6dvvqz"); // uid_from_bytes of the same
  });
  it("comes back from its text, whatever its bytes", () => {
    const random = dice(1);
    for (let i = 0; i < 500; i++) {
      const bytes = Uint8Array.from({ length: 16 }, () => random.whole(0, 255));
      assert.deepEqual(uidToBytes(uidFromBytes(bytes)), bytes);
    }
  });
  for (const text of ["", "0", "8" + "0".repeat(25), "0".repeat(25) + "u", "0".repeat(27), null])
    it(`is not ${JSON.stringify(text)}`, () => assert.equal(uidToBytes(text), null));
});

describe("an API address", () => {
  it("repeats arrays and leaves out what is empty", () =>
    assert.equal(apiUrl("/assets", { type: ["jpeg", "png"], q: "", page: 2 }), "/api/v1/assets?type=jpeg&type=png&page=2"));
  it("stands below the path the program is served under", () => {
    globalThis.window = { path_prefix: "/photos" };
    try {
      assert.equal(apiUrl("/status"), "/photos/api/v1/status");
    } finally {
      delete globalThis.window;
    }
  });
});

describe("a bucket's bytes", () => {
  const items = [0, 1, 2].map((i) => ({ uid: uidBytes(i), aspect: 1 + i, day: 9 - i, flags: i, version: 7 }));
  it("are read as columns", () => {
    const columns = parseColumns(bucketBytes(items, 99));
    assert.equal(columns.n, 3);
    assert.equal(columns.stamp, 99);
    assert.deepEqual([...columns.aspect], [4096, 8192, 12288]);
    assert.deepEqual([...columns.day], [9, 8, 7]);
    assert.deepEqual([...columns.flags], [0, 1, 2]);
    assert.equal(indexOf(columns, uidBytes(2)), 2);
    assert.equal(indexOf(columns, uidBytes(5)), -1);
  });
  it("are refused when some are missing", () =>
    assert.throws(() => parseColumns(bucketBytes(items).slice(0, -1)), /cut short/));
  it("may have an odd number of pictures without a column losing its place", () => {
    for (const n of [0, 1, 3, 5]) assert.equal(parseColumns(bucketBytes(items.slice(0, n))).n, Math.min(n, 3));
  });
  it("give colours that come back within a step of 565", () => {
    assert.equal(cssColour(rgb565("#ffffff")), "rgb(255 255 255)");
    assert.equal(cssColour(rgb565("#000000")), "rgb(0 0 0)");
  });
});

/** A made-up server: months of pictures; counts requests; `hold` keeps answers back. */
function server(months) {
  const asked = [];
  const state = { months, asked, held: null, etag: '"1"' };
  globalThis.fetch = async (url, { signal, headers }) => {
    const { pathname } = new URL(url, "http://here");
    asked.push(pathname);
    if (state.held) await state.held;
    if (signal?.aborted) throw Object.assign(new Error("aborted"), { name: "AbortError" });
    const part = pathname.split("/").at(-1);
    const keys = Object.keys(state.months);
    if (part === "timeline") {
      if (headers["If-None-Match"] === state.etag) return new Response(null, { status: 304 });
      const all = keys.map((key) => state.months[key]);
      return Response.json({
        revision: 1, total: all.flat().length, keys, labels: keys, counts: all.map((m) => m.length),
        ratios: all.map((m) => m.length * 1.5), days: all.map((m) => new Set(m.map((p) => p.day)).size),
        stamps: all.map((m) => m.length * 1000 + (m.stamp ?? 0)),
      }, { headers: { ETag: state.etag } });
    }
    if (pathname.includes("/locate/")) {
      const bytes = uidToBytes(part);
      for (const key of keys) {
        const index = state.months[key].findIndex((p) => p.uid.join() === bytes.join());
        if (index >= 0) return Response.json({ bucket: key, index, position: 0 });
      }
    }
    if (state.months[part]) return new Response(bucketBytes(state.months[part]));
    return Response.json({ error: { code: "not_found", message: "No such month.", status: 404 } }, { status: 404 });
  };
  return state;
}
const month = (first, n) => Array.from({ length: n }, (_, i) => ({ uid: uidBytes(first + i), day: 28 - (i % 9) }));
async function opened(months) {
  const state = server(months);
  const stat = { clock: 0, fetches: 0, bytes: 0, aborted: 0, evicted: 0 };
  const library = new Library(stat);
  const query = new URLSearchParams();
  library.adopt(query, await library.ask(query), { fresh: true });
  library.setGeometry(options());
  return { library, state, stat, query };
}
const YEAR = () => ({ "2020-03": month(0, 50), "2020-02": month(100, 40), "2020-01": month(200, 60) });

describe("the library", () => {
  it("knows every position before a picture is loaded", async () => {
    const { library } = await opened(YEAR());
    assert.equal(library.total, 150);
    assert.deepEqual(library.list.map((b) => b.start), [0, 50, 90]);
    assert.equal(library.place(95).k, 5);
    assert.ok(library.list.every((b) => b.height > 0 && !b.columns));
  });
  it("asks once for a bucket that many wait for", async () => {
    const { library, stat } = await opened(YEAR());
    const [b] = library.list;
    await Promise.all([library.fetch(b), library.fetch(b, { pin: true }), library.fetch(b)]);
    assert.equal(stat.fetches, 1);
    assert.equal(b.state, LOADED);
    assert.equal(b.pins, 0);
  });
  it("never cancels a load that the viewer or the selection waits for", async () => {
    const { library, state, stat } = await opened(YEAR());
    let release;
    state.held = new Promise((done) => (release = done));
    const wanted = library.fetch(library.list[2], { pin: true });
    const unwanted = library.fetch(library.list[1]).catch((error) => error.name);

    library.list[0].index = 0;
    library.cancelOutside(-5, -4);
    release();

    assert.equal((await wanted).n, 60);
    assert.equal(await unwanted, "AbortError");
    assert.equal(stat.aborted, 1);
  });
  it("gives a range over months that were never seen", async () => {
    const { library } = await opened(YEAR());
    const uids = await library.uidsBetween(45, 95);
    assert.equal(uids.length, 51);
    assert.equal(uids[0], uidFromBytes(uidBytes(45)));
    assert.equal(uids.at(-1), uidFromBytes(uidBytes(205)));
    assert.equal(new Set(uids).size, 51);
  });
  it("finds a picture anywhere by asking the server where it is", async () => {
    const { library } = await opened(YEAR());
    const { b, k } = await library.locate(uidFromBytes(uidBytes(203)));
    assert.equal(b.start + k, 93);
    assert.equal(await library.locate(uidFromBytes(uidBytes(999))), null);
  });
  it("keeps a bucket that did not change as the same object through a refresh", async () => {
    const { library, state, query } = await opened(YEAR());
    await library.fetch(library.list[1]);
    const [, kept] = library.list;
    state.months["2020-03"] = month(0, 55);
    state.etag = '"2"';

    const answer = await library.ask(query, { etag: library.etag });
    await library.prepare(answer, [library.list[0]], undefined);
    library.adopt(query, answer);
    library.relayout({ keepExact: true });

    assert.equal(library.list[1], kept);
    assert.equal(kept.start, 55);
    assert.ok(kept.columns);
    assert.equal(library.list[0].columns.n, 55);
  });
  it("chooses all though pictures come while it goes on", async () => {
    const { library, state, query } = await opened(YEAR());
    const { total } = library;
    let go;
    state.held = new Promise((released) => { go = released; });
    const choosing = library.uidsBetween(0, total - 1);
    await new Promise(setImmediate); // all have asked
    state.held = null;
    const { count } = library.list[0];
    state.months["2020-03"] = month(0, count + 5);
    state.etag = '"2"';
    library.adopt(query, await library.ask(query, { etag: library.etag }));
    go();

    const uids = await choosing;

    assert.ok(uids.length >= total);
    assert.equal(new Set(uids).size, uids.length);
  });
  it("costs one small answer when nothing changed", async () => {
    const { library, query } = await opened(YEAR());
    assert.deepEqual(await library.ask(query, { etag: library.etag }), { changed: false });
  });
  it("forgets what is far away but not how high it was", async () => {
    const { library, stat } = await opened({ "2020-02": month(0, 30_000), "2020-01": month(40_000, 30_000) });
    for (const b of library.list) await library.fetch(b);
    const before = library.height;

    library.evict();

    assert.equal(stat.evicted, 1);
    assert.equal(library.list[0].columns, null);
    assert.equal(library.height, before);
  });
  it("passes on the server's sentence when a month is gone", async () => {
    const { library, state } = await opened(YEAR());
    delete state.months["2020-01"];
    await assert.rejects(library.fetch(library.list[2]), (error) => error instanceof ApiError && error.message === "No such month.");
  });
});

/** A scroller without a browser. */
function window_(height = 800) {
  const scroller = { scrollTop: 0, clientHeight: height, clientWidth: 1000, addEventListener() {} };
  const spacer = { style: {} };
  const signal = { addEventListener() {} };
  const viewport = new Viewport(scroller, spacer, { onScroll() {}, onIdle() {}, onBase() {}, signal });
  viewport.measure();
  return { scroller, spacer, viewport };
}

describe("the window over a long list", () => {
  it("is never higher than browsers can scroll", () => {
    const { viewport, spacer } = window_();
    viewport.jump(0, 60_000_000);
    assert.equal(spacer.style.height, WINDOW + "px");
  });
  for (const to of [0, 1, 20_000_000, 59_999_200, 1e9])
    it(`jumps to ${to} of 60 million px exactly`, () => {
      const { viewport } = window_();
      viewport.jump(to, 60_000_000);
      assert.equal(viewport.top(), Math.min(to, 60_000_000 - 800));
    });
  it("moves with what is seen when heights above it change, without scrolling", () => {
    const random = dice(4);
    const { viewport, scroller } = window_();
    let total = 50_000_000;
    viewport.jump(25_000_000, total);
    const scrolled = scroller.scrollTop;
    for (let i = 0; i < 200; i++) {
      const delta = random.whole(-900, 900);
      const before = viewport.top();
      total += delta;
      viewport.shift(delta, total);
      assert.equal(viewport.top(), before + delta);
      assert.equal(scroller.scrollTop, scrolled);
    }
  });
  it("keeps its place in a short list too", () => {
    const { viewport } = window_();
    viewport.jump(3000, 10_000);
    viewport.shift(-500, 9_500);
    assert.equal(viewport.top(), 2500);
  });
  it("stays where it is when it makes room to scroll", () => {
    const { viewport, scroller } = window_();
    viewport.jump(30_000_000, 60_000_000);
    scroller.scrollTop = 15_000;
    const before = viewport.top();
    viewport.recentre({ urgent: true });
    assert.equal(viewport.top(), before);
    assert.ok(scroller.scrollTop > 1_000_000);
  });
});

describe("a selection", () => {
  it("tells its subscribers once for many changes of one turn", async () => {
    const selection = new Selection();
    const counts = [];
    selection.subscribe((s) => counts.push(s.count));
    selection.add(["a", "b"]);
    selection.toggle("c");
    selection.remove(["a"]);
    await Promise.resolve();
    assert.deepEqual(counts, [2]);
    assert.deepEqual(selection.uids(), ["b", "c"]);
    assert.equal(selection.anchor, "c");
  });
});
