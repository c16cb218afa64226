// Thin wrapper: everything is in gallery-entity-head (dist/index.js).
export default {
  template: "<div></div>",
  async mounted() {
    await this.$nextTick(); // window.path_prefix is set when the root has mounted
    const { mountEntityHead } = await import("gallery-entity-head");
    if (this.$el.isConnected) this.mount = mountEntityHead(this.$el);
  },
  beforeUnmount() {
    this.mount?.destroy();
  },
};
