// Thin wrapper: everything is in gallery-chrome (dist/search_box.js).
export default {
  template: "<div></div>",
  async mounted() {
    await this.$nextTick(); // window.path_prefix is set when the root has mounted
    const chrome = await import("gallery-chrome");
    await chrome.stylesReady;
    if (this.$el.isConnected) this.mount = chrome.mountSearchBox(this.$el);
  },
  beforeUnmount() {
    this.mount?.destroy();
  },
};
