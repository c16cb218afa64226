// Thin wrapper: a button that opens the system's picker without a way over the server.
export default {
  template: "<div></div>",
  props: { label: String },
  async mounted() {
    await this.$nextTick(); // window.path_prefix is set when the root has mounted
    const upload = await import("gallery-upload");
    await upload.stylesReady;
    if (this.$el.isConnected) this.mount = upload.mountUploadButton(this.$el, { label: this.label ?? "Upload" });
  },
  beforeUnmount() {
    this.mount?.destroy();
  },
};
