export default {
  template: "<div></div>",
  props: { label: String },
  async mounted() {
    await this.$nextTick();
    const { mountPathField } = await import("gallery-frame");
    const add = (path) => this.$emit("add", { path });
    this.field = mountPathField(this.$el, { label: this.label, add });
  },
  methods: {
    answer(sentence) { this.field?.answer(sentence); },
  },
};
