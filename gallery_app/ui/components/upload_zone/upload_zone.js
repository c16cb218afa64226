// Thin wrapper: everything is in gallery-upload (dist/index.js).
export default {
  template: "<div></div>",
  props: { limit_bytes: Number },
  async mounted() {
    await this.$nextTick(); // window.path_prefix is set when the root has mounted
    const upload = await import("gallery-upload");
    await upload.stylesReady;
    if (!this.$el.isConnected) return;
    this.zone = upload.mountUploadZone({ limitBytes: this.limit_bytes ?? 0 });
  },
  beforeUnmount() {
    this.zone?.destroy();
  },
};
