// Thin wrapper: everything is in gallery-chrome (dist/selection_bar.js).
export default {
  template: "<div></div>",
  async mounted() {
    await this.$nextTick(); // window.path_prefix is set when the root has mounted
    const chrome = await import("gallery-chrome");
    await chrome.stylesReady;
    if (!this.$el.isConnected) return;
    this.mount = chrome.mountSelectionBar(this.$el, { grid: () => window.__grid });
  },
  beforeUnmount() {
    this.mount?.destroy();
  },
};
