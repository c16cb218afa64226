// What the information panel and the viewer say of a photo.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { format } from "gallery-core";
import { altText, dateOrigin, detailGroups, offsetText, pathIn, positionText, shownByBrowser, wallTime } from "gallery-lightbox/details.js";

const asset = (more = {}) => ({
  id: "0".repeat(26), filename: "IMG_1.jpg", type: "jpeg", content_type: "image/jpeg", width: 4000, height: 3000, size_bytes: 3_456_789, status: "ready",
  taken_at: "2016-07-03T14:05:09+00:00", occurrences: [], ...more,
  metadata: { taken_from: "exif", taken_field: "ExifIFD:DateTimeOriginal", offset_minutes: null, orientation: 1, ...more.metadata },
});
const rows = (one) => Object.fromEntries(detailGroups(one, format).flatMap((group) => group.rows.map((row) => [row.label, row])));

describe("the date", () => {
  it("is the camera's wall time, not the viewer's", () => assert.match(wallTime("2016-07-03T23:59:59+12:00").day, /July 3, 2016/));
  it("names the field that gave it", () => assert.match(rows(asset()).Taken.hint, /from EXIF \(DateTimeOriginal\)/));
  it("says in words what a remote calls by a field's name", () => {
    assert.equal(dateOrigin({ taken_from: "remote", taken_field: "localDateTime" }), "as Immich tells it");
    assert.equal(dateOrigin({ taken_from: "remote", taken_field: "sent" }), "when it was sent");
    assert.equal(dateOrigin({ taken_from: "remote", taken_field: "else" }), "from the source");
  });
  it("says when it is only the file's time", () => assert.equal(dateOrigin({ taken_from: "file", taken_field: "mtime" }), "from the file's time"));
  it("shows an offset only when the file knows one", () => {
    assert.doesNotMatch(rows(asset()).Taken.hint, /UTC/);
    assert.match(rows(asset({ metadata: { offset_minutes: 0 } })).Taken.hint, /UTC\+0/);
  });
  for (const [minutes, text] of [[120, "UTC+2"], [-210, "UTC−3:30"], [345, "UTC+5:45"], [null, null]])
    it(`writes an offset of ${minutes} minutes as ${text}`, () => assert.equal(offsetText(minutes), text));
});

describe("the place", () => {
  it("has hemispheres", () => assert.equal(positionText({ lat: -33.85, lon: -70.5 }), "33.85000° S, 70.50000° W"));
  it("keeps the equator and the meridian", () => assert.equal(positionText({ lat: 0, lon: 0 }), "0.00000° N, 0.00000° E"));
  it("is left out when unknown", () => assert.equal(positionText(null), ""));
});

describe("a path", () => {
  it("is whole in a folder", () => assert.equal(pathIn({ kind: "folder", address: "/home/a/Pictures/" }, "2016/x.jpg"), "/home/a/Pictures/2016/x.jpg"));
  it("is the bare name among the uploads", () => assert.equal(pathIn({ kind: "uploads", address: "" }, "fc351bec/x.jpg"), "x.jpg"));
  it("is the key when its source is gone", () => assert.equal(pathIn(undefined, "2016/x.jpg"), "2016/x.jpg"));
});

describe("a row", () => {
  it("is left out when nothing is known", () => assert.ok(!("Lens" in rows(asset()))));
  it("says the sizes of the file", () => {
    assert.equal(rows(asset()).Dimensions.value, "4000 × 3000 px");
    assert.equal(rows(asset()).Size.value, "3.5 MB");
  });
  it("gives the reason where there is nothing to see", () => {
    const broken = asset({ status: "unreadable", width: 0, height: 0, problem: { code: "unreadable", sentence: "The head is damaged." } });
    assert.equal(rows(broken).Status.value, "The head is damaged.");
    assert.ok(!("Dimensions" in rows(broken)));
  });
  it("joins what the lens did", () => {
    const shot = asset({ metadata: { f_number: 5.6, exposure_s: 0.004, focal_mm: 50, iso: 400 } });
    assert.equal(rows(shot).Exposure.value, "ƒ/5.6  ·  1/250 s  ·  50 mm  ·  ISO 400");
  });
});

describe("an alternative text", () => {
  it("is the user's own where there is one", () => assert.equal(altText(asset({ alt_text: "A lake." })), "A lake."));
  it("is name, date and place else", () => assert.equal(altText(asset({ metadata: { place: "Hallstatt" } })), "IMG_1.jpg, Sunday, July 3, 2016, Hallstatt"));
});

it("a browser is not asked to show what it may not", () => {
  assert.ok(shownByBrowser({ type: "avif" }));
  for (const type of ["heic", "tiff", "svg", "raw", "unknown"]) assert.ok(!shownByBrowser({ type }), type);
});
