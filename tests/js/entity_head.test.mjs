// What the head of the grid says when the address asks for one outside thing.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { thingOf, titleOf } from "gallery-entity-head";

const asks = (query) => thingOf(new URLSearchParams(query));

describe("the address", () => {
  it("asks for one ticket", () => assert.deepEqual(asks("ticket=4711&sort=name"), ["ticket", "4711"]));
  it("asks for nothing outside", () => assert.equal(asks("year=2016"), null));
  it("asks for two things, which is no head", () => assert.equal(asks("ticket=1&company=2"), null));
  it("asks for two of a kind, which is none either", () => assert.equal(asks("ticket=1&ticket=2"), null));
  it("names nothing", () => assert.equal(asks("ticket="), null));
});

describe("a title", () => {
  it("is number and subject of a ticket", () => assert.equal(titleOf("ticket", "4711", "Display cracked"), "Ticket 4711 — Display cracked"));
  it("is the number alone until the name came", () => assert.equal(titleOf("ticket", "4711", ""), "Ticket 4711"));
  it("is the name of a company", () => assert.equal(titleOf("company", "9", "Nordwind"), "Nordwind"));
  it("says what an unnamed thing is", () => assert.equal(titleOf("person", "p1", ""), "Person p1"));
  it("has a product's number as on its package", () => assert.equal(titleOf("product", "04006381333931", "Felt pen"), "Product 4006381333931 — Felt pen"));
});
