// What the address asks for becomes what the grid shows: loaded anew, or brought up to date
// without moving what is seen; and the message in its place when there is nothing.
import { view } from "gallery-core";
import { placeOf, recall, takeAnchor } from "./anchor.js";

const SLOW_MS = 250; // what takes longer shows that it does

const address = () =>
  `${view.path}?${view.query()}#${view.mode === "pages" ? `${view.page}/${view.perPage}` : ""}`;

export class Loading {
  /** @param grid the engine: its library, canvas, viewport, states and the rest are used from here */
  constructor(grid) {
    this.grid = grid;
    this.loadedFor = null;
  }
  /** Whether the address asks for something else than was loaded last. */
  get stale() {
    return this.loadedFor !== address();
  }
  stop() {
    clearTimeout(this.slow);
    this.asking?.abort();
  }

  async load({ place = null } = {}) {
    const { root, states, choosing } = this.grid;
    this.stop();
    choosing.stop(); // what is still to be chosen is of another query
    const { signal } = (this.asking = new AbortController());
    this.loadedFor = address();
    this.slow = setTimeout(() => root.classList.add("loading"), SLOW_MS);
    try {
      await this.#load(place, signal);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.#showOnly("state");
      states.failure(error);
    } finally {
      if (!signal.aborted) {
        clearTimeout(this.slow);
        root.classList.remove("loading");
      }
    }
  }
  async #load(place, signal) {
    const { grid } = this;
    const { library, viewport } = grid;
    const query = view.query();
    const paging = view.mode === "pages" ? { page: view.page, perPage: view.perPage } : null;
    const answer = await library.ask(query, { paging, signal });
    await grid.styled;
    if (signal.aborted) return;
    grid.canvas.clear();
    library.adopt(query, answer, { fresh: true });
    if (answer.paging && answer.paging.page !== view.page) {
      view.set("page", String(answer.paging.page), { replace: true });
      this.loadedFor = address();
    }
    grid.measure();
    library.setGeometry(grid.geometry);
    grid.keys.reset();
    grid.states.hide();
    this.#showWhatIsThere();
    viewport.jump(0, library.height);
    if (place) await this.#restore(place, signal);
    grid.scrubber.draw();
    grid.draw();
    const b = library.bucketAtY(viewport.top());
    if (b) await library.fetch(b).catch(() => {});
    if (signal.aborted) return;
    grid.draw();
    viewport.settleSoon(100);
    grid.emit("loaded", { total: grid.total });
    if (view.photo) grid.opening.follow();
  }
  async #restore(place, signal) {
    const { library, viewport } = this.grid;
    try {
      const to = await recall(place, library);
      if (!signal.aborted) viewport.jump(to, library.height);
    } catch (error) {
      if (error.name !== "AbortError") console.warn("The place could not be restored.", error);
    }
  }

  async refresh() {
    if (!view.hasGrid || this.stale) return;
    if (this.grid.states.kind === "failure") return void this.load();
    if (this.refreshing) return void (this.again = true);
    this.refreshing = true;
    try {
      await this.#refresh(this.asking.signal);
    } catch (error) {
      if (error.name !== "AbortError") console.warn("The grid could not be brought up to date.", error);
    } finally {
      this.refreshing = false;
      if (this.again) {
        this.again = false;
        this.refresh();
      }
    }
  }
  async #refresh(signal) {
    const { grid } = this;
    const { library, canvas, viewport, stat } = grid;
    const { query, etag, paging } = library;
    const answer = await library.ask(query, { etag, paging, signal });
    if (signal.aborted || !answer.changed) return;
    stat.refreshes += 1;
    await library.prepare(answer, [...canvas.sections.keys()], signal);
    if (signal.aborted) return;
    const anchor = takeAnchor(grid);
    const focused = grid.keys.hasFocus();
    const before = viewport.top();
    canvas.rebuild(
      () => {
        library.adopt(query, answer);
        library.relayout({ keepExact: true });
        const to = Math.min(placeOf(anchor, library), Math.max(0, library.height - viewport.height));
        viewport.shift(to - before, library.height);
        this.#showWhatIsThere();
      },
      () => grid.draw(),
    );
    grid.keys.renew(focused);
    grid.scrubber.draw();
    grid.scrubber.update();
    viewport.settleSoon(150);
    grid.source.changed();
    grid.emit("loaded", { total: grid.total });
  }

  #showWhatIsThere() {
    const { library, pager, states, root, viewport, emit } = this.grid;
    if (library.paging) pager.show(library.paging);
    else pager.hide();
    if (library.list.length) {
      if (states.kind) states.hide();
      this.#showOnly("scroll");
      root.classList.toggle("paged", Boolean(library.paging));
      root.classList.toggle("short", library.height <= viewport.height * 1.5);
      return;
    }
    const { filters } = view;
    this.#showOnly("state");
    if (filters.length && states.kind !== "excluded") states.excluded(filters);
    else if (!filters.length && states.kind !== "nothing") {
      states.nothing(view.path);
      emit("empty", { path: view.path });
    }
  }
  #showOnly(name) {
    this.grid.root.dataset.shows = name;
  }
}
