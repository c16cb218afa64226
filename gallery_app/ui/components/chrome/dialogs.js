// Thin wrapper: the `?` key, and dialogs that Python may open (dist/dialogs.js, link_dialog.js).
export default {
  template: "<div></div>",
  async mounted() {
    await this.$nextTick(); // window.path_prefix is set when the root has mounted
    this.chrome = await import("gallery-chrome");
    await this.chrome.stylesReady;
    if (!this.$el.isConnected) return;
    this.mount = this.chrome.mountDialogs();
    // The viewer comes while the page rests, so that the first picture opens as fast as the next.
    const idle = window.requestIdleCallback ?? ((run) => setTimeout(run, 2500));
    if (!navigator.connection?.saveData) idle(() => import("gallery-lightbox").catch(() => null), { timeout: 6000 });
  },
  beforeUnmount() {
    this.mount?.destroy();
  },
  methods: {
    shortcuts() {
      this.chrome?.showShortcuts();
    },
    link(uids, name) {
      this.chrome?.openLinkDialog({ uids, name });
    },
    async ask(token, options) {
      const sure = await this.chrome.confirmAction(options);
      this.$emit("answer", { token, sure });
    },
  },
};
