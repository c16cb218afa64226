// Thin wrapper: the `?` key, and the question that Python may ask (dist/dialogs.js).
export default {
  template: "<div></div>",
  async mounted() {
    await this.$nextTick(); // window.path_prefix is set when the root has mounted
    const chrome = await this.chrome();
    if (!this.$el.isConnected) return;
    this.mount = chrome.mountDialogs();
    // The viewer comes while the page rests, so that the first picture opens as fast as the next.
    const idle = window.requestIdleCallback ?? ((run) => setTimeout(run, 2500));
    if (!navigator.connection?.saveData) idle(() => import("gallery-lightbox").catch(() => null), { timeout: 6000 });
  },
  beforeUnmount() {
    this.mount?.destroy();
  },
  methods: {
    /** The module with its styles; loaded once, whoever is the first to ask. */
    chrome() {
      this.loading ??= import("gallery-chrome").then(async (chrome) => {
        await chrome.stylesReady;
        return chrome;
      });
      return this.loading;
    },
    async ask(token, options) {
      const sure = await (await this.chrome()).confirmAction(options);
      this.$emit("answer", { token, sure });
    },
  },
};
