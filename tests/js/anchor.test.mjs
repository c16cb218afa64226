// What stays where it is when a month that was only guessed gets its true height.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { placeOf, remembered, shiftFor } from "../../gallery_app/ui/components/photo_grid/dist/anchor.js";
import { geometryFor } from "../../gallery_app/ui/components/photo_grid/dist/geometry.js";

const HEAD = 56;
/** A month guessed 1000 px high at `top` of the list turns out 1300; the window is at 5000. */
function grown(top, { belowLoaded = false } = {}) {
  const b = { index: 0, height: 1300 };
  const library = { list: [b, { columns: belowLoaded ? {} : null }] };
  return shiftFor(b, { top, height: 1000 }, { library, top: 5000, height: 800, head: HEAD });
}

describe("a month that turns out 300 px higher", () => {
  it("moves the window by all of it when it lies above", () => assert.equal(grown(3000), 300));
  it("moves nothing when it lies below", () => assert.equal(grown(5000), 0));
  it("moves nothing while its heading is at the window's edge", () => assert.equal(grown(4960), 0));
  it("keeps the share of it that lies above when it fills the window", () =>
    assert.equal(grown(4400), Math.round(((600 - HEAD) / (1000 - HEAD)) * 300)));
  it("leaves loaded pictures below it where they are", () =>
    assert.equal(grown(4500, { belowLoaded: true }), 300));
});

describe("one of several months that are still to come", () => {
  /** Months of so many px from 4400 on, loaded where it is said; the window is at 5000, 800 high. */
  function shift(months, which, height) {
    let top = 4400;
    const list = months.map(([height, loaded], index) => {
      const b = { index, top, height, columns: loaded ? {} : null };
      top += height;
      return b;
    });
    const before = { top: list[which].top, height: list[which].height };
    list[which].height = height;
    return shiftFor(list[which], before, { library: { list }, top: 5000, height: 800, head: HEAD });
  }

  it("leaves loaded pictures where they are below another", () =>
    assert.equal(shift([[900, false], [100, false], [900, true]], 0, 950), 50));
  it("leaves them where they are though it begins in sight", () =>
    assert.equal(shift([[900, false], [100, false], [900, true]], 1, 114), 14));
  it("leaves those above it where they are", () =>
    assert.equal(shift([[900, true], [100, false], [900, true]], 1, 114), 0));
  it("moves nothing when nothing is loaded and it begins in sight", () =>
    assert.equal(shift([[900, false], [100, false], [900, false]], 1, 114), 0));
  it("leaves the month that was jumped to at the window's edge", () =>
    assert.equal(shift([[600, true], [100, false], [100, false], [900, true]], 2, 114), 0));
  it("moves nothing when what is loaded lies below the window", () =>
    assert.equal(shift([[900, false], [600, false], [900, true]], 1, 614), 0));
});

describe("a remembered place", () => {
  it("is nothing at the top", () => assert.equal(remembered({ top: true }), null));
  it("is the first picture that is seen whole", () =>
    assert.deepEqual(remembered({ seen: [{ uid: "a", key: "2016-07", dy: 12.4 }], key: "2016-08", share: 0.9 }),
      { uid: "a", key: "2016-07", dy: 12, share: 0.9 }));
  it("is the nearest month when its own has gone", () => {
    const list = [{ key: "2016-09", top: 0, height: 100 }, { key: "2016-05", top: 100, height: 400 }];
    const library = { list, byKey: () => undefined, find: () => null };
    assert.equal(placeOf({ seen: [], key: "2016-07", share: 0 }, library), 100);
  });
});

describe("the measures", () => {
  it("leave room for the rail, but not on a phone", () => {
    assert.equal(geometryFor({ host: 1400, inner: 1400, row: 208, railed: true }).width, 1400 - 16 - 56);
    assert.equal(geometryFor({ host: 360, inner: 360, row: 118, railed: true }).width, 352);
  });
  it("give days no headings when pictures are tiny", () =>
    assert.equal(geometryFor({ host: 1400, inner: 1400, row: 80, railed: true }).days, false));
});
