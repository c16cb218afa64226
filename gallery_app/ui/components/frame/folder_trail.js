export default {
  template: "<div></div>",
  async mounted() {
    await this.$nextTick();
    (await import("gallery-frame")).mountFolderTrail(this.$el);
  },
};
