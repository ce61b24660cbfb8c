
export default {
  initialize({ model }) {
    loadBokeh(model).catch(() => {}); // the figures ask again
  },
  render({ model }) {
    model.send({ type: "shown", link: window.location.search });
  },
};
