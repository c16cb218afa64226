// Names, dates and places of the pictures on the screen, fetched when everything else is quiet:
// screen readers get whole alternative texts, scrolling pays nothing for them.
import { get } from "gallery-core";

const QUIET_MS = 350;

export class Labels {
  constructor(library, canvas) {
    this.library = library;
    this.canvas = canvas;
  }
  /** Fetches what is missing for the visible tiles soon, unless asked again before. */
  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#fetch(), QUIET_MS);
  }
  async #fetch() {
    for (const b of [...this.canvas.sections.keys()]) {
      const keys = [...(b.view?.tiles.keys() ?? [])].filter((k) => !b.labels?.has(k));
      if (!keys.length || !b.columns) continue;
      const { columns } = b;
      const from = Math.min(...keys);
      const to = Math.max(...keys) + 1;
      const params = new URLSearchParams(this.library.query);
      params.set("from_index", from);
      params.set("to_index", to);
      let answer;
      try {
        answer = await get(`/timeline/${encodeURIComponent(b.key)}`, { params });
      } catch {
        return; // dates alone stay; the next pause tries again
      }
      if (b.columns !== columns) continue;
      b.labels ??= new Map();
      answer.uid.forEach((uid, i) => {
        const k = from + i;
        if (k >= columns.n || this.library.uid(b, k) !== uid) return;
        b.labels.set(k, {
          name: answer.name?.[i], taken: answer.taken?.[i], place: answer.place?.[i],
          alt: answer.alt?.[i], title: answer.title?.[i],
        });
      });
      for (const tile of b.view?.tiles.values() ?? []) this.canvas.label(tile);
    }
  }
}
