// The upload queue: three at a time, a verdict for every file, and what stops it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { format } from "gallery-core";
import { UploadQueue, verdicts } from "../../gallery_app/ui/components/upload_zone/dist/queue.js";
import { filesOfPaste } from "../../gallery_app/ui/components/upload_zone/dist/walk.js";

const file = (name, size = 1000) => ({ file: { name, size, lastModified: 0 }, path: name });
const files = (n) => Array.from({ length: n }, (_, i) => file(`${i}.jpg`));
const settled = () => new Promise((go) => setImmediate(go));

/** A server that answers when told to. */
function server() {
  const open = [];
  const send = (item, onProgress) => {
    const call = { item, onProgress };
    const promise = new Promise((resolve, reject) => Object.assign(call, { resolve, reject }));
    open.push(call);
    return { promise, abort: () => call.reject(Object.assign(new Error("aborted"), { name: "AbortError" })) };
  };
  return { open, send };
}
const refusal = (status, message, data = {}) => Object.assign(new Error(message), { status, data });
const created = { asset: { id: "u" }, created: true };

describe("the queue", () => {
  it("sends three at a time, the next when one is done", async () => {
    const { open, send } = server();
    const queue = new UploadQueue(send);

    queue.add(files(5));
    assert.equal(open.length, 3);
    open[1].resolve(created);
    await settled();

    assert.equal(open.length, 4);
    assert.equal(queue.running, 3);
  });

  it("tells added from already here", async () => {
    const { open, send } = server();
    const queue = new UploadQueue(send);

    queue.add(files(2));
    open[0].resolve(created);
    open[1].resolve({ ...created, created: false });
    await settled();

    assert.equal(verdicts(queue.totals(), format), "1 added, 1 already here");
    assert.ok(queue.idle);
  });

  it("says idle once, when the last file has its verdict", async () => {
    const { open, send } = server();
    const queue = new UploadQueue(send);
    let ends = 0;
    queue.subscribe((_, event) => (ends += event === "idle"));

    queue.add(files(2));
    open[0].resolve(created);
    await settled();
    assert.equal(ends, 0);
    open[1].reject(refusal(422, "It cannot be decoded."));
    await settled();

    assert.equal(ends, 1);
    assert.equal(queue.items[1].message, "It cannot be decoded.");
  });

  it("stops when the disk is full and goes on when told", async () => {
    const { open, send } = server();
    const queue = new UploadQueue(send);

    queue.add(files(6));
    open[0].reject(refusal(507, "The disk is full."));
    await settled();
    assert.equal(queue.paused, "The disk is full.");
    assert.equal(open.length, 3);
    queue.retryAll();

    assert.equal(queue.paused, null);
    assert.equal(open.length, 4);
  });

  it("stops after three lost connections in a row", async () => {
    const { open, send } = server();
    const queue = new UploadQueue(send);

    queue.add(files(9));
    for (const call of [...open]) call.reject(refusal(0, "lost"));
    await settled();

    assert.match(queue.paused, /connection/);
    assert.ok(open.length <= 5);
  });

  it("does not offer the same bytes again when their kind or size is refused", async () => {
    const { open, send } = server();
    const queue = new UploadQueue(send);

    queue.add(files(2));
    open[0].reject(refusal(415, "No picture."));
    open[1].reject(refusal(422, "Damaged."));
    await settled();
    queue.retryAll();

    assert.deepEqual(queue.items.map((item) => item.state), ["failed", "sending"]);
  });

  it("refuses what is over the limit without sending it", () => {
    const { open, send } = server();
    const queue = new UploadQueue(send, { limitBytes: 500 });

    queue.add([file("big.jpg", 501), file("small.jpg", 500)]);

    assert.deepEqual(open.map((call) => call.item.name), ["small.jpg"]);
    assert.match(queue.items[0].message, /larger/);
  });

  it("cancels one without a verdict for it, and sends the next", async () => {
    const { open, send } = server();
    const queue = new UploadQueue(send);

    queue.add(files(4));
    queue.cancel(queue.items[0]);
    await settled();

    assert.equal(queue.items[0].state, "cancelled");
    assert.equal(queue.items[0].message, "");
    assert.equal(open.length, 4);
  });

  it("counts loaded bytes never beyond a file's size", () => {
    const { open, send } = server();
    const queue = new UploadQueue(send);

    queue.add(files(1));
    open[0].onProgress(5000);

    assert.equal(queue.totals().loaded, 1000);
  });

  it("measures speed over the last seconds", () => {
    let clock = 0;
    const { open, send } = server();
    const queue = new UploadQueue(send, { now: () => clock });

    queue.add([file("a.jpg", 1e6)]);
    queue.speed();
    open[0].onProgress(500_000);
    clock = 1000;

    assert.equal(queue.speed(), 500_000);
  });

  it("begins a new batch without the verdicts of the last, but with what failed", async () => {
    const { open, send } = server();
    const queue = new UploadQueue(send);

    queue.add(files(2));
    open[0].resolve(created);
    open[1].reject(refusal(422, "Damaged."));
    await settled();
    queue.add([file("new.jpg")]);

    assert.deepEqual(queue.items.map((item) => item.name), ["1.jpg", "new.jpg"]);
  });

  it("bears 20,000 files", async () => {
    const { open, send } = server();
    const queue = new UploadQueue(send);
    const start = process.cpuUsage();

    queue.add(files(20_000));
    for (let at = 0; at < open.length; at++) {
      open[at].resolve(created);
      await Promise.resolve();
      if (at % 500 === 0) await settled();
    }
    while (!queue.idle) {
      open.at(-1).resolve(created);
      for (const call of open.slice(-3)) call.resolve(created);
      await settled();
    }

    assert.equal(queue.totals().added, 20_000);
    const { user, system } = process.cpuUsage(start); // of this process: others do not count
    assert.ok(user + system < 5_000_000);
  });
});

describe("a pasted screenshot", () => {
  const now = new Date(2026, 10, 20, 9, 5, 7);
  it("is named by its time", () => assert.equal(filesOfPaste({ files: [{ name: "image.png" }] }, now)[0].name, "Pasted 2026-11-20 09.05.07.png"));
  it("keeps a name of its own", () => assert.equal(filesOfPaste({ files: [{ name: "lake.jpg" }] }, now)[0].name, "lake.jpg"));
});
