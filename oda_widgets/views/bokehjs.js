// Fetches BokehJS from the kernel, once per page and version (see bokehjs.py). This text stands
// before that of each widget that needs it: a widget's module can import nothing from another.

const LOADING_PATIENCE = 30_000; // ms; a kernel that restarts meanwhile never answers

// One BokehJS per page and version, whoever asks first.
function loadBokeh(model) {
  const version = model.get("_bokeh_version");
  const pages = (window.__oda_bokeh ??= new Map());
  if (!pages.has(version)) {
    pages.set(version, requestBokeh(model, version));
    pages.get(version).catch(() => pages.delete(version));
  }
  return pages.get(version);
}

function requestBokeh(model, version) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => finish(reject, new Error("the kernel does not answer")),
                             LOADING_PATIENCE);
    const finish = (settle, value) => {
      clearTimeout(timer);
      model.off("msg:custom", receive);
      settle(value);
    };
    const receive = (message, scripts) => {
      if (message.type !== "bokehjs") return;
      scripts.forEach(run);
      finish(resolve, window.Bokeh[version]);
    };
    model.on("msg:custom", receive);
    model.send({ type: "bokehjs" });
  });
}

function run(bytes) {
  const script = document.createElement("script");
  script.textContent = new TextDecoder().decode(bytes);
  document.head.append(script);
  script.remove();
}
