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

// Names for screen readers: ipywidgets gives none to controls without a description of their own.
const CONTROLS = "input:not([type=hidden]), select, textarea, .noUi-handle";

function nameOf(control) {
  const field = control.closest(".oda-field")?.querySelector(".oda-label");
  const widget = control.closest(".jupyter-widgets[title], .widget-inline-hbox");
  const title = control.title || widget?.title || widget?.querySelector("[title]")?.title;
  const several = control.closest(".oda-field")?.querySelectorAll(CONTROLS).length > 1;
  const words = [field?.textContent.trim(), several || !field ? title : ""].filter(Boolean);
  return words.join(", ") || control.placeholder || "";
}

function nameControls(root) {
  for (const control of root.querySelectorAll(CONTROLS)) {
    if (control.hasAttribute("aria-label") || control.labels?.[0]?.textContent.trim()) continue;
    const name = nameOf(control);
    if (name) control.setAttribute("aria-label", name);
  }
}

// Called by each widget of ours that is displayed; panels are watched once.
function makeAccessible(el) {
  document.getElementById("rendered_cells")?.setAttribute("role", "main");
  const panels = el.closest(".oda-workbench") ?? el;
  if (panels.dataset.odaNamed) return;
  panels.dataset.odaNamed = "yes";
  let waiting = false;
  const later = () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => { waiting = false; nameControls(panels); }, 100);
  };
  new MutationObserver(later).observe(panels, { childList: true, subtree: true });
  later();
}
