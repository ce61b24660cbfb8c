// What screen readers and keyboards need of panels. This text stands before that of each widget, as
// bokehjs.js does.

// Names for screen readers: ipywidgets gives none to controls without a description of their own.
const CONTROLS = "input:not([type=hidden]), select, textarea, .noUi-handle";
const FOCUSABLE = `${CONTROLS}, button, summary, a[href], [tabindex="0"]`;

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

// Lumino leaves the tab stop at the tab that was clicked last, whichever the page opened since.
function stopAtCurrentTabs(root) {
  for (const bar of root.querySelectorAll(".lm-TabBar-content")) {
    const current = bar.querySelector(":scope > .lm-mod-current");
    if (!current || bar.contains(document.activeElement)) continue; // arrow keys move it
    for (const tab of bar.children) tab.tabIndex = tab === current ? 0 : -1;
  }
}

const canFocus = (control) => control.checkVisibility() && !control.disabled;

// A control that goes while it has the focus, such as a button in whose place its result appears,
// hands the focus on to what stands in its place; it would begin anew at the top of the page.
function keepFocus(root) {
  let places = []; // the control in focus and what it stands in, while keys are used
  let keys = false;
  const remember = ({ target }) => {
    const path = [];
    for (let at = target; root.contains(at); at = at.parentElement) path.push(at);
    places = keys ? path : [];
  };
  document.addEventListener("keydown", () => {
    keys = true; // also on what was clicked before
    remember({ target: document.activeElement });
  }, true);
  document.addEventListener("pointerdown", () => { keys = false; places = []; }, true);
  document.addEventListener("focusin", remember, true);
  return () => {
    if (!places.length || document.activeElement !== document.body) return;
    const [control, ...around] = places;
    if (control.isConnected && control.checkVisibility()) {
      if (canFocus(control)) control.focus({ preventScroll: true }); // it was off for a while
      return;
    }
    const place = around.find((one) => one.isConnected && one.checkVisibility());
    const next = place && [...place.querySelectorAll(FOCUSABLE)].find(canFocus);
    next?.focus({ preventScroll: true });
  };
}

// Called by each widget of ours that is displayed; panels are watched once.
function makeAccessible(el) {
  document.getElementById("rendered_cells")?.setAttribute("role", "main");
  const panels = el.closest(".oda-workbench") ?? el;
  if (panels.dataset.odaNamed) return;
  panels.dataset.odaNamed = "yes";
  const findFocus = keepFocus(panels);
  let waiting = false;
  const later = () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      nameControls(panels);
      stopAtCurrentTabs(panels);
      findFocus();
    }, 100);
  };
  const changes = { childList: true, subtree: true, attributeFilter: ["class", "style", "disabled"] };
  new MutationObserver(later).observe(panels, changes);
  later();
}
