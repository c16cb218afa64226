// Words for people: dates, counts, alternative texts, filters, page numbers.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { altText, filterText, format } from "gallery-core";
import { pageNumbers } from "../../gallery_app/ui/components/photo_grid/dist/pager.js";

const TODAY = new Date(2016, 6, 17, 0, 30);
const day = (year, month, number, options) => format.dayTitle({ year, month, day: number }, { today: TODAY, ...options });

describe("a day's heading", () => {
  it("says Today and Yesterday", () => {
    assert.equal(day(2016, 7, 17), "Today");
    assert.equal(day(2016, 7, 16), "Yesterday");
  });
  it("names the year only when it is another one, and there is room", () => {
    assert.doesNotMatch(day(2016, 3, 1), /2016/);
    assert.match(day(2015, 3, 1), /2015/);
    assert.doesNotMatch(day(2015, 3, 1, { year: false }), /2015/);
  });
  it("bears years before 100", () => assert.match(format.longDate({ year: 44, month: 3, day: 15 }), /44/));
});

describe("an alternative text", () => {
  const known = { name: "a.jpg", taken: "2016-07-16T14:05:00+02:00", place: "Hallstatt" };
  it("is name, date and place", () => assert.match(altText(known), /^a\.jpg, .*2016, Hallstatt$/));
  it("prefers what the user wrote", () => assert.equal(altText({ ...known, alt: "A lake" }), "A lake"));
  it("takes the title for the name", () => assert.match(altText({ ...known, title: "Lake" }), /^Lake,/));
});

for (const [n, text] of [[0, "0 bytes"], [1, "1 byte"], [999, "999 bytes"], [1000, "1.0 kB"], [999_999, "1.0 MB"], [15_400_000, "15 MB"], [3.2e12, "3.2 TB"]])
  it(`${n} bytes are “${text}”`, () => assert.equal(format.bytes(n), text));
for (const [s, text] of [[5, "0:05"], [75.4, "1:15"], [3675, "1:01:15"]])
  it(`${s} seconds of film are “${text}”`, () => assert.equal(format.duration(s), text));
for (const [s, text] of [[0.004, "1/250 s"], [0.5, "0.5 s"], [2, "2 s"]])
  it(`an exposure of ${s} is “${text}”`, () => assert.equal(format.exposure(s), text));

for (const [args, text] of [
  [["camera", ["Canon EOS 6D"]], "camera: Canon EOS 6D"],
  [["is", ["favourite"]], "only: favourites"],
  [["source", ["3"], { 3: "Pictures" }], "source: Pictures"],
  [["folder", ["1/2016/July"]], "folder: 2016/July"],
])
  it(`a filter reads “${text}”`, () => assert.equal(filterText(...args), text));

for (const [page, pages, numbers] of [
  [1, 1, [1]],
  [1, 5, [1, 2, 3, 4, 5]],
  [1, 20, [1, 2, 3, null, 20]],
  [4, 20, [1, 2, 3, 4, 5, 6, null, 20]],
  [10, 20, [1, null, 8, 9, 10, 11, 12, null, 20]],
  [20, 20, [1, null, 18, 19, 20]],
])
  it(`page ${page} of ${pages} offers ${numbers.map((n) => n ?? "…").join(" ")}`, () =>
    assert.deepEqual(pageNumbers(page, pages), numbers));
