// The viewer's picture stands in the address (?photo=UID): a click puts it there, Back takes it
// away, a link brings it along. "open" and "close" are emitted once each.
import { view } from "gallery-core";

export class Opening {
  constructor(engine) {
    this.engine = engine;
    this.shown = null;
  }
  /** Opens the viewer at a picture of the grid. */
  open(b, k) {
    const uid = this.engine.library.uid(b, k);
    this.shown = uid;
    this.engine.emit("open", { uid, position: b.start + k });
    view.openPhoto(uid);
  }
  /** Does what the address says now. */
  async follow() {
    const { engine } = this;
    const uid = view.photo;
    if (!uid) {
      if (this.shown) engine.emit("close", {});
      this.shown = null;
      return;
    }
    const open = this.shown !== null;
    this.shown = uid;
    if (open) return; // the viewer went on to another picture by itself
    const position = await engine.source.positionOf(uid).catch(() => -1);
    if (view.photo === uid) engine.emit("open", { uid, position });
  }
}
