
export default {
  initialize({ model }) {
    loadBokeh(model).catch(() => {}); // the figures ask again
  },
  render() {},
};
