// A button that hands a file to the kernel (see file_button.py).
export default {
  render({ model, el }) {
    const button = document.createElement("button");
    const input = document.createElement("input");
    const problem = document.createElement("span");
    button.className = "jupyter-widgets jupyter-button widget-button oda-chip";
    problem.setAttribute("role", "alert");
    problem.className = "oda-pane-error";
    Object.assign(input, { type: "file", hidden: true, accept: model.get("accept") });
    input.setAttribute("aria-label", model.get("description"));
    const show = () => {
      button.textContent = model.get("description");
      problem.textContent = model.get("problem");
    };
    const send = async () => {
      const [file] = input.files;
      input.value = ""; // the same file can be opened again
      if (!file) return;
      if (file.size > model.get("largest")) {
        model.send({ type: "too large", name: file.name });
        return;
      }
      model.send({ type: "file", name: file.name }, undefined, [await file.arrayBuffer()]);
    };
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", send);
    model.on("change", show);
    el.append(button, input, problem);
    show();
    return () => model.off("change", show);
  },
};
