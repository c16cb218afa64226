export default {
  template: "<div></div>",
  async mounted() {
    await this.$nextTick();
    (await import("gallery-frame")).mountFolderTree(this.$el);
  },
};
