// Where a picture comes from, what it belongs to, and the zoom that two pictures share.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { belongings, entityParams, pageText, safeHref, shownId } from "gallery-core";
import { bandText, cautions, entityText, fetchedText, owedText, sightings } from "gallery-lightbox/origins.js";
import { clampPan, zoomAt } from "gallery-lightbox/locked.js";

describe("an entity", () => {
  it("is a ticket by number and subject", () => assert.equal(entityText({ type: "ticket", id: "4711", name: "Display cracked" }), "Ticket 4711 · Display cracked"));
  it("is a company by name alone", () => assert.equal(entityText({ type: "company", id: "8", name: "Super Nova" }), "Company · Super Nova"));
  it("is told by its number where nobody named it", () => assert.equal(entityText({ type: "company", id: "8", name: "" }), "Company · 8"));
  for (const [id, shown] of [["04006381333931", "4006381333931"], ["00000096385074", "96385074"], ["10614141000415", "10614141000415"], ["00042100005264", "42100005264".padStart(12, "0")]])
    it(`shows ${id} as it stands on the package`, () => assert.equal(shownId({ type: "product", id }), shown));
  it("shows a number typed in another form as it was typed", () => assert.equal(shownId({ type: "product", id: "4006381333931" }), "4006381333931"));
  it("is an article by its title, for nobody knows its number", () => assert.equal(entityText({ type: "article", id: "62000", name: "Reset the pen" }), "Article · Reset the pen"));
  it("has its page where it lies", () => assert.deepEqual(["ticket", "person", "product"].map((type) => pageText(type)), ["Open in Freshdesk", "Open in Immich", "Open its page"]));
  it("names its page among those of others", () => assert.deepEqual(["ticket", "product"].map((type) => pageText(type, { among: true })), ["Open ticket in Freshdesk", "Open product page"]));
  it("leads to its own view", () => assert.deepEqual(entityParams({ type: "product", id: "04006381333931" }), { product: "4006381333931" }));
  it("of a ticket is the first that is told", () => assert.deepEqual(belongings({ entities: [{ type: "product", id: "1" }, { type: "ticket", id: "1" }] }).map((one) => one.type), ["ticket", "product"]));
  it("stands among its kind as the gallery told them", () => assert.deepEqual(belongings({ entities: [{ type: "ticket", id: "1" }, { type: "ticket", id: "2" }, { type: "ticket", id: "1" }, { type: "ticket", id: "3" }] }).map((one) => one.id), ["1", "2", "3"]));
  it("is listed once, though two sources say it", () => assert.equal(belongings({ entities: [{ type: "ticket", id: "1", source: 2 }, { type: "ticket", id: "1", source: 3 }] }).length, 1));
});

describe("an occurrence", () => {
  it("that is private says so", () => assert.deepEqual(cautions({ private: true, visibility: null }), ["for the team only"]));
  it("of a private note says it once", () => assert.deepEqual(cautions({ private: true, visibility: "the team only: a private note" }), ["for the team only: a private note"]));
  it("of an article for some says both", () => assert.deepEqual(cautions({ private: true, visibility: "some contacts" }), ["for the team only", "for some contacts"]));
  it("of a ticket says who sees it", () => assert.deepEqual(cautions({ private: false, visibility: "the customer and the team" }), ["for the customer and the team"]));
  it("of Immich's timeline says nothing of secrecy", () => assert.deepEqual(cautions({ private: false, visibility: "timeline" }), []));
  it("of Immich's archive says that", () => assert.deepEqual(cautions({ private: false, visibility: "archive" }), ["archived"]));
  it("that is gone stands last", () => assert.deepEqual(sightings({ occurrences: [{ key: "a", gone_at: "2026-01-01T00:00:00Z" }, { key: "b", gone_at: null }] }).map((one) => one.key), ["b", "a"]));
  it("names whom it is owed to", () => assert.equal(owedText({ source: "Open Food Facts", licence: "CC BY-SA 3.0", creator: "kiliweb" }), "Open Food Facts · CC BY-SA 3.0 · photo by kiliweb"));
  it("does not pretend to know a licence", () => assert.match(owedText({ source: "UPCitemdb", licence: null }), /licence unknown/));
  it("tells when it was fetched only if it was", () => {
    assert.match(fetchedText("2026-05-03T12:05:00Z", "en"), /fetched .*2026/);
    assert.equal(fetchedText(null), "");
  });
});

describe("an address from outside", () => {
  for (const bad of ["javascript:alert(1)", "data:text/html,x", "//evil.example", "file:///etc/passwd", "", null, "not a url"])
    it(`${bad} is no link`, () => assert.equal(safeHref(bad), null));
  it("https is", () => assert.equal(safeHref("https://acme.freshdesk.com/a/tickets/1"), "https://acme.freshdesk.com/a/tickets/1"));
});

describe("two copies", () => {
  for (const [distance, words] of [[0, "looks identical"], [5, "nearly identical"], [6, "similar"], [10, "similar"]])
    it(`at distance ${distance} are told as ${words}`, () => assert.equal(bandText(distance), words));
});

describe("the shared zoom", () => {
  const start = { zoom: 1, pan: { x: 0, y: 0 } };
  it("leaves what is under the pointer where it is", () => {
    const spot = { x: 0.2, y: -0.1 };
    const { zoom, pan } = zoomAt(start, 3, spot, 12);
    const before = spot; // at zoom 1 the picture's own point is the spot itself
    assert.ok(Math.abs(pan.x + before.x * zoom - spot.x) < 1e-9 && Math.abs(pan.y + before.y * zoom - spot.y) < 1e-9);
  });
  it("never goes below fit or beyond the most", () => {
    assert.equal(zoomAt(start, 0.1, { x: 0, y: 0 }, 12).zoom, 1);
    assert.equal(zoomAt(start, 1000, { x: 0, y: 0 }, 12).zoom, 12);
  });
  it("keeps the picture in its pane", () => {
    assert.deepEqual(clampPan({ x: 9, y: -9 }, 1), { x: 0, y: 0 });
    assert.deepEqual(clampPan({ x: 9, y: -9 }, 3), { x: 1, y: -1 });
  });
});
