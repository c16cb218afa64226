export default {
  template: "<div hidden></div>",
  props: { places: Array },
  async mounted() {
    await this.$nextTick(); // window.path_prefix is set after children mount
    const { mountFrame } = await import("gallery-frame");
    this.frame = mountFrame(this.places, (name, detail) => this.$emit(name, detail));
  },
  methods: {
    toast(text, options) { this.frame?.toast(text, options); },
    go(address, replace) { this.frame?.go(address, replace); },
    copy(text, said) { this.frame?.copy(text, said); },
  },
};
