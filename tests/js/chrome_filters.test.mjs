// The filter bar's pure half: chips, lists, dates, refused words, progress, lifetimes.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { filterText, format } from "gallery-core";
import { chipsOf, markError, presetDates, ratedFrom, shownValues, spanText } from "gallery-chrome/filters.js";
import { lifetimeSeconds } from "gallery-chrome/links.js";
import { pillOf } from "gallery-chrome/progress.js";

describe("a chip of an active filter", () => {
  const labels = (name) => (name === "source" ? { 3: "Family NAS" } : {});
  const texts = (filters) => chipsOf(filters, filterText, labels).map((chip) => chip.text);

  it("stands for one value, so that each can be taken away alone", () =>
    assert.equal(chipsOf([["type", ["jpeg", "png"]]], filterText, labels).length, 2));
  it("names a source as the server does, not by its number", () => assert.deepEqual(texts([["source", ["3"]]]), ["Source: Family NAS"]));
  it("quotes the words of a search", () => assert.deepEqual(texts([["q", ["beach -anna"]]]), ["“beach -anna”"]));
  it("says that fewer stars mean more", () => assert.deepEqual(texts([["min_rating", ["4"]]]), ["★ 4 and more"]));
  it("but five stars are all there are", () => assert.deepEqual(texts([["min_rating", ["5"]]]), ["★ 5"]));
});

describe("a list of values", () => {
  const values = [{ value: "Canon EOS 6D", label: "Canon EOS 6D", count: 5 }, { value: "iPhone", label: "iPhone", count: 2 }];

  it("finds by any part, whatever the case", () => assert.deepEqual(shownValues(values, [], "eos").map((one) => one.value), ["Canon EOS 6D"]));
  it("keeps a chosen value that no photo has any more, to take it away", () =>
    assert.deepEqual(shownValues(values, ["Leica"], "")[0], { value: "Leica", label: "Leica", count: 0 }));
  it("adds up ratings from a number of stars on", () =>
    assert.equal(ratedFrom([{ value: "5", count: 2 }, { value: "4", count: 3 }, { value: "1", count: 9 }], 4), 5));
});

describe("dates", () => {
  const today = new Date(2024, 2, 1, 23, 59); // the day after a leap day

  it("of the last seven days end today and cross a leap day", () => assert.deepEqual(presetDates("week", today), { from: "2024-02-24", to: "2024-03-01" }));
  it("of last year are whole", () => assert.deepEqual(presetDates("last_year", today), { from: "2023-01-01", to: "2023-12-31" }));
  const say = (iso) => iso;
  for (const [from, to, text] of [["a", "b", "a – b"], ["a", "a", "a"], ["a", null, "Since a"], [null, "b", "Until b"], [null, null, "Date"]])
    it(`from ${from} to ${to} read “${text}”`, () => assert.equal(spanText(from, to, say), text));
});

describe("a refused search", () => {
  it("shows where the word stands, whatever its case", () => assert.deepEqual(markError("lake FOO:bar", "foo"), ["lake ", "FOO", ":bar"]));
  it("shows the text alone when the word is not in it", () => assert.deepEqual(markError("lake", "foo"), ["lake", "", ""]));
});

describe("the pill of the header", () => {
  const pill = (progress) => pillOf({ found: 0, described: 0, rendered: 0, failed: 0, remaining: 0, per_second: 0, scanning: false, paused_for: null, ...progress }, format);

  it("is absent while nothing happens", () => assert.equal(pill({ found: 100, described: 100, rendered: 100 }), null));
  it("counts what is read while folders are walked", () =>
    assert.equal(pill({ found: 10_000, described: 1204, per_second: 85.4, scanning: true, remaining: 9000 }).text, "Reading 1,204 of 10,000 · 85/s"));
  it("counts what is left to prepare", () => assert.equal(pill({ found: 9, described: 9, rendered: 6, remaining: 3 }).text, "Preparing 3 photos"));
  it("counts what remotes have yet to send once nothing is left to prepare", () => {
    assert.equal(pill({ remaining: 3, fetching: 71, fetched: 174 }).text, "Preparing 3 photos");
    const coming = pill({ fetching: 71, fetched: 213 });
    assert.deepEqual([coming.text, coming.busy, coming.share], ["Fetching 71 photos", true, 0.75]);
  });
  it("says one photo of one", () => assert.match(pill({ rendered: 6, remaining: 1 }).text, /1 photo$/));
  it("says why it rests before anything else", () => assert.equal(pill({ scanning: true, paused_for: "The disk is full." }).text, "Paused: The disk is full."));
  it("points at failures when all else is done", () => assert.equal(pill({ failed: 2 }).busy, false));
  it("never shows more than the whole", () => assert.ok(pill({ rendered: 5, remaining: 5 }).share <= 1));
});

describe("the lifetime of a link", () => {
  it("is what was chosen", () => assert.equal(lifetimeSeconds("604800", 1, "hours"), 604_800));
  it("may be so many days", () => assert.equal(lifetimeSeconds("custom", 3, "days"), 259_200));
  for (const amount of [NaN, 0, -5]) it(`is an hour when the amount is ${amount}`, () => assert.equal(lifetimeSeconds("custom", amount, "hours"), 3600));
  it("ends at what the server allows", () => assert.equal(lifetimeSeconds("custom", 9999, "days"), 366 * 86_400));
});
