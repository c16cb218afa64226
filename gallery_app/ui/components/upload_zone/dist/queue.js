// The upload queue: what waits, what runs, what became of each file. It knows no page; `send`
// carries one file to the server. States: waiting, sending, added, known, failed, cancelled.

const AT_ONCE = 3;
const WINDOW_MS = 6000; // over which speed is measured
const LOST_IN_A_ROW = 3; // so many lost connections stop the queue

export class UploadQueue {
  #readers = new Set();
  #samples = [];
  #lost = 0;
  #line = []; // waiting items in order; some may have left that state meanwhile
  #waiting = 0;
  items = [];
  running = 0;
  /** A sentence why the queue stands still, or null. */
  paused = null;

  /** @param send (item, onProgress) => {promise: Promise<{asset, created}>, abort()} */
  constructor(send, { limitBytes = 0, now = () => performance.now() } = {}) {
    this.send = send;
    this.limitBytes = limitBytes;
    this.now = now;
  }

  /** Calls `fn(queue, event)` after each change; event is "progress" or "state". */
  subscribe(fn) {
    this.#readers.add(fn);
    return () => this.#readers.delete(fn);
  }
  #tell(event) {
    for (const fn of [...this.#readers]) fn(this, event);
  }

  add(files) {
    if (!files.length) return;
    if (this.idle) this.begin();
    for (const { file, path, name } of files) {
      const item = { id: this.items.length, file, path, name: name ?? file.name, size: file.size, loaded: 0, state: "failed", message: "", asset: null, abort: null };
      if (this.limitBytes && file.size > this.limitBytes) {
        item.message = `The file is larger than the ${Math.round(this.limitBytes / 1e6)} MB that are accepted.`;
        item.final = true;
      } else this.#wait(item);
      this.items.push(item);
    }
    this.#tell("state");
    this.pump();
  }

  /** A new batch: the verdicts of the last one go, unless something failed in it. */
  begin() {
    this.items = this.items.filter((item) => item.state === "failed");
    this.items.forEach((item, at) => { item.id = at; });
    this.#samples = [];
  }

  #wait(item) {
    item.state = "waiting";
    this.#waiting++;
    this.#line.push(item);
  }

  pump() {
    while (!this.paused && this.running < AT_ONCE && this.#waiting) {
      const item = this.#line.shift();
      if (item.state !== "waiting") continue;
      this.#waiting--;
      this.#start(item);
    }
    if (this.idle && !this.paused) this.#tell("idle");
  }

  #start(item) {
    item.state = "sending";
    item.loaded = 0;
    item.message = "";
    this.running++;
    const { promise, abort } = this.send(item, (loaded) => {
      item.loaded = Math.min(loaded, item.size);
      this.#tell("progress");
    });
    item.abort = abort;
    this.#tell("state");
    promise.then(({ asset, created }) => {
      item.state = created ? "added" : "known";
      item.asset = asset;
      item.loaded = item.size;
      this.#lost = 0;
    }, (error) => this.#refused(item, error)).finally(() => {
      this.running--;
      item.abort = null;
      if (item.state !== "failed" && item.state !== "waiting") item.file = null; // lets the bytes go
      this.#tell("state");
      this.pump();
    });
  }

  #refused(item, error) {
    if (item.state === "cancelled") return;
    item.loaded = 0;
    item.state = "failed";
    item.message = error.message;
    item.final = error.status === 413 || error.status === 415; // the same bytes get the same answer
    if (error.status === 507) this.paused = error.message;
    if (error.status === 0 && ++this.#lost >= LOST_IN_A_ROW) this.paused = "The connection to the gallery is lost.";
    if (error.status === 429 && !item.waited) {
      item.waited = true;
      this.#wait(item);
      this.paused = "The gallery asks to wait a moment.";
      setTimeout(() => this.resume(), 1000 * Math.min(60, error.data?.retry_after_s || 5));
    }
  }

  /** Goes on after a stop; what failed by it is tried again. */
  resume() {
    this.paused = null;
    this.#lost = 0;
    this.pump();
    this.#tell("state");
  }

  retry(item) {
    if (item.state !== "failed" || item.final) return;
    this.#wait(item);
    this.paused = null;
    this.#tell("state");
    this.pump();
  }

  retryAll() {
    this.paused = null;
    for (const item of this.items) if (item.state === "failed" && !item.final) this.#wait(item);
    this.#tell("state");
    this.pump();
  }

  #drop(item) {
    if (item.state === "waiting") this.#waiting--;
    item.state = "cancelled";
    item.abort?.();
  }

  cancel(item) {
    if (item.state !== "waiting" && item.state !== "sending") return;
    this.#drop(item);
    this.#tell("state");
    this.pump();
  }

  cancelAll() {
    this.paused = null;
    for (const item of this.items)
      if (item.state === "waiting" || item.state === "sending") this.#drop(item);
    this.#tell("state");
    this.pump();
  }

  clear() {
    if (this.idle) { this.items = []; this.paused = null; this.#tell("state"); }
  }

  get idle() {
    return this.running === 0 && this.#waiting === 0;
  }

  /** Counts and bytes of the batch. */
  totals() {
    const sum = { files: 0, bytes: 0, loaded: 0, waiting: 0, sending: 0, added: 0, known: 0, failed: 0, cancelled: 0 };
    for (const item of this.items) {
      sum[item.state]++;
      if (item.state === "cancelled") continue;
      sum.files++;
      sum.bytes += item.size;
      sum.loaded += item.state === "failed" ? item.size : item.loaded;
    }
    return sum;
  }

  /** Bytes a second over the last seconds; 0 while unknown. Call it regularly. */
  speed() {
    const at = this.now();
    const loaded = this.items.reduce((all, item) => all + (item.state === "failed" || item.state === "cancelled" ? 0 : item.loaded), 0);
    this.#samples.push({ at, loaded });
    while (this.#samples.length > 2 && at - this.#samples[0].at > WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0];
    const span = at - first.at;
    return span < 400 ? 0 : Math.max(0, ((loaded - first.loaded) / span) * 1000);
  }
}

/** "18 added, 1 already here, 1 failed". */
export function verdicts(sum, format) {
  const parts = [[sum.added, "added"], [sum.known, "already here"], [sum.failed, "failed"], [sum.cancelled, "cancelled"]];
  return parts.filter(([n]) => n).map(([n, word]) => `${format.count(n)} ${word}`).join(", ") || "nothing to do";
}
