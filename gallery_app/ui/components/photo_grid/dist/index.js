// gallery-grid: the virtualised, justified grid of photos. `component` is the whole Vue side.
import { GridEngine } from "./engine.js";

export { GridEngine } from "./engine.js";
export { layoutBucket, estimateHeight } from "./layout.js";

/** Options of the Vue component behind photo_grid.js; the root element stays ours. */
export const component = {
  template: `<div class="gallery-grid"><slot></slot></div>`,
  props: { viewer: { type: String, default: "gallery-lightbox" } },
  emits: ["open", "close", "select", "empty", "loaded"],
  async mounted() {
    await this.$nextTick(); // window.path_prefix is set when the root is mounted, after its children
    if (!this.$el.isConnected) return;
    this.engine = new GridEngine(this.$el, { emit: (name, detail) => this.tell(name, detail) });
    window.__grid = this.engine;
  },
  beforeUnmount() {
    this.engine?.destroy();
  },
  methods: {
    async tell(name, detail) {
      this.$emit(name, detail);
      this.$el.dispatchEvent(new CustomEvent(`grid-${name}`, { detail, bubbles: true }));
      if (name !== "open" || !this.viewer) return;
      const { openViewer } = await import(this.viewer);
      openViewer(this.engine, detail);
    },
  },
};
