
// JupyterLab acts on single letters ("a" inserts a cell) wherever no text is typed: not on the
// controls of our panels. It looks for this mark on the element in focus. Keys with a modifier
// remain its own.
function keepLettersInside(el) {
  const decide = (event) => {
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (el.closest(".oda-workbench")?.contains(event.target))
      event.target.toggleAttribute("data-lm-suppress-shortcuts", !modified);
  };
  window.addEventListener("keydown", decide, true); // before JupyterLab, which listens below
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
