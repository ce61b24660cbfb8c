// A button that saves bytes sent by the kernel (see download.py).
function save(filename, bytes) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  link.download = filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export default {
  render({ model, el }) {
    const button = document.createElement("button");
    const problem = document.createElement("span");
    button.className = "jupyter-widgets jupyter-button widget-button oda-chip";
    problem.setAttribute("role", "alert");
    problem.className = "oda-pane-error";
    const show = () => {
      button.textContent = model.get("description");
      problem.textContent = model.get("problem");
    };
    const receive = (message, buffers) => {
      if (message.type === "file") save(message.filename, buffers[0]);
    };
    button.addEventListener("click", () => model.send({ type: "download" }));
    model.on("change", show);
    model.on("msg:custom", receive);
    el.append(button, problem);
    show();
    return () => {
      model.off("change", show);
      model.off("msg:custom", receive);
    };
  },
};
