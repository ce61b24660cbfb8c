
// JupyterLab acts on single letters ("a" inserts a cell) wherever no text is typed: not inside our
// panels, where they may move through a list or a table. Shortcuts with a modifier stay.
function keepLettersInside(el) {
  const panel = () => el.closest(".oda-workbench");
  const decide = (event) => {
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    panel()?.toggleAttribute("data-lm-suppress-shortcuts", !modified);
  };
  window.addEventListener("keydown", decide, true); // before JupyterLab, which asks on document
  return () => window.removeEventListener("keydown", decide, true);
}

export default {
  initialize({ model }) {
    loadBokeh(model).catch(() => {}); // the figures ask again
  },
  render({ model, el }) {
    model.send({ type: "shown", link: window.location.search });
    return keepLettersInside(el);
  },
};
