export default {
  template: "<div hidden></div>",
  props: { places: Array },
  created() {
    this.frame = new Promise((ready) => { this.ready = ready; }); // what Python says before waits
  },
  async mounted() {
    await this.$nextTick(); // window.path_prefix is set after children mount
    const { mountFrame } = await import("gallery-frame");
    this.ready(mountFrame(this.places, (name, detail) => this.$emit(name, detail)));
  },
  methods: {
    async toast(text, options) { (await this.frame).toast(text, options); },
    async go(address, replace) { (await this.frame).go(address, replace); },
    async copy(text, said) { await (await this.frame).copy(text, said); },
    async centre(id) { (await this.frame).centre(id); },
  },
};
