// Carries one Bokeh document between the kernel and the page (see pane.py).
//
// page -> kernel: open {view, number}, close {view}, patch {view, patch, buffers}
// kernel -> page: document {view, number, document, buffers}, patch {patch, buffers, except}

const ASK_AGAIN = 10_000; // ms; then twice as long, and so on: a busy kernel answers all of them
const TOOLS = 160; // screen pixels of the tools above a figure

// A busy kernel answers late: ask again until it does or the view is gone.
async function patientlyLoadBokeh(model, gone) {
  for (;;) {
    try {
      return await loadBokeh(model);
    } catch (error) {
      if (gone()) throw error;
    }
  }
}

function named(names, buffers) {
  const whole = (view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
  return new Map(names.map((name, index) => [name, whole(buffers[index])]));
}

// Bokeh's arrays leave the JSON text and travel as bytes beside it.
function pack(Bokeh, patch) {
  const { Buffer } = Bokeh.require("core/serialization/buffer");
  const buffers = [];
  const text = JSON.stringify(patch, (_key, value) => {
    if (!(value instanceof Buffer)) return value;
    buffers.push(value.buffer);
    return { id: `page-${buffers.length - 1}` };
  });
  return { text, names: buffers.map((_buffer, index) => `page-${index}`), buffers };
}

// Changes made by the kernel are marked sync=false by Bokeh; sending them back would be an echo.
function madeHere(event) {
  if (!event.sync) return [];
  return event.events ?? [event];
}

function movesRange(event) {
  return (event.events ?? [event]).some(({ attr }) => attr === "start" || attr === "end");
}

function typing(event) {
  const target = event.composedPath()[0];
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

// Moves the focus to the control after, or with shift before, all that is inside an element.
function leave(el, event) {
  const everything = "a[href], button, input, select, textarea, summary, [tabindex]";
  const after = (node) => el.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING;
  const before = (node) => el.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_PRECEDING;
  const outside = [...document.querySelectorAll(everything)].filter(
    (node) => !el.contains(node) && !node.disabled && node.tabIndex >= 0 && node.offsetParent);
  const next = event.shiftKey ? outside.filter(before).at(-1) : outside.find(after);
  if (!next) return;
  event.preventDefault();
  next.focus();
}

// Without both measures JupyterLab takes letters typed into a table cell for its shortcuts.
function keepKeysInside(el) {
  el.dataset.lmSuppressShortcuts = "true";
  for (const kind of ["keydown", "keypress", "keyup"]) {
    el.addEventListener(kind, (event) => typing(event) && event.stopPropagation());
  }
}

// The titles above a figure end their lines at " · " where they would be wider than it.
function wrapTitles(view) {
  const context = document.createElement("canvas").getContext("2d");
  for (const item of view.model.above ?? []) {
    if (item.type !== "Title" || !item.text) continue;
    const weight = item.text_font_style === "bold" ? "bold " : "";
    context.font = `${weight}${item.text_font_size} ${item.text_font}`;
    // Longer lines would run into the tools, which stand to the right.
    const tools = view.model.toolbar_location === "above" ? TOOLS : 0;
    const room = view.bbox.width - view.frame.bbox.left - 4 - tools;
    const lines = [""];
    for (const part of item.text.replaceAll(" ·\n", " · ").split(" · ")) {
      const longer = lines.at(-1) ? `${lines.at(-1)} · ${part}` : part;
      if (lines.at(-1) && context.measureText(longer).width > room) lines.push(part);
      else lines[lines.length - 1] = longer;
    }
    const text = lines.join(" ·\n");
    if (text !== item.text) item.text = text;
  }
}

class PageView {
  constructor(model, el) {
    this.model = model;
    this.el = el;
    this.id = Math.random().toString(36).slice(2);
    this.unsent = []; // changes made here that the kernel does not know yet
    this.settling = false; // whether changes are being gathered
    this.moved = false; // whether ranges are among them
    this.following = false; // whether another view of this figure, which fits it, changed it
    this.waiting = []; // patches that arrive while the document is being drawn
    this.asked = this.drawn = 0; // numbers of the documents that were wanted, and that are here
    this.receive = (message, buffers) => this.handle(message, buffers).catch((e) => this.fail(e));
    this.reopen = () => this.open();
    this.forget = () => {};
    this.themeWatcher = new MutationObserver(this.reopen);
    this.frames = new Frames(el);
    this.fill = () => requestAnimationFrame(() => this.fillColumn());
    this.sizeWatcher = new ResizeObserver(this.fill);
  }

  async start() {
    keepKeysInside(this.el);
    this.el.addEventListener("click", (event) => this.tick(event));
    this.el.addEventListener("keydown", (event) => this.enter(event), true);
    requestAnimationFrame(() => makeAccessible(this.el)); // once it is part of the page
    this.Bokeh = await patientlyLoadBokeh(this.model, () => this.gone);
    if (this.gone) return;
    this.model.on("msg:custom", this.receive);
    // Colours of a canvas are read from CSS when it is drawn: a change of theme redraws it.
    window.addEventListener("resize", this.fill);
    this.themeWatcher.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
    // What either side sent while the connection was broken may be lost.
    this.forget = whenConnectedAgain(this.model, this.reopen);
    this.open();
  }

  open() {
    this.asked += 1;
    this.ask(this.asked, ASK_AGAIN);
  }

  // Where the connection breaks, the question or its answer is lost.
  ask(number, patience) {
    if (this.gone || number !== this.asked || number <= this.drawn) return;
    tell(this.model, { type: "open", view: this.id, number });
    setTimeout(() => this.ask(number, 2 * patience), patience);
  }

  async handle(message, buffers) {
    if (message.type === "document" && message.view === this.id) await this.draw(message, buffers);
    if (message.type !== "patch" || message.except === this.id) return;
    if (this.waiting) this.waiting.push([message, buffers]);
    else this.apply(message, buffers);
  }

  async draw(message, buffers) {
    if (message.number <= this.drawn) return; // asked for again, and answered twice
    this.drawn = message.number;
    this.waiting = [];
    this.views = null;
    this.frames.rooms.clear();
    this.clear();
    const { Document } = this.Bokeh.require("document/document");
    const { add_document_standalone } = this.Bokeh.require("embed/standalone");
    this.document = Document.from_json(
      JSON.parse(message.document), undefined, named(message.buffers, buffers));
    this.document.on_change((event) => this.changed(event), true);
    this.views = await add_document_standalone(this.document, this.el);
    this.sizeWatcher.observe(this.el);
    // Another map has other numbers at its bar, which leave another width to the frame.
    this.figures().forEach((view) => this.sizeWatcher.observe(view.el));
    this.waiting.forEach((patch) => this.apply(...patch));
    this.waiting = null;
    this.fill();
  }

  // Once all that changes together has changed, and before it is painted: one message tells of it.
  changed(event) {
    if (this.quiet) return;
    this.unsent.push(...madeHere(event));
    this.moved ||= movesRange(event);
    if (this.settling) return;
    this.settling = true;
    queueMicrotask(() => {
      this.settling = false;
      if (this.gone) return;
      if (this.moved && !this.following) this.fitFrames();
      this.moved = this.following = false;
      this.send(this.unsent.splice(0));
    });
  }

  // What only suits the width of this page is not told to the kernel.
  wrap() {
    this.quiet = true;
    this.figures().filter((view) => view.bbox.width > 0).forEach(wrapTitles);
    this.quiet = false;
  }

  figures() {
    const nested = (view) => [view, ...(view.child_views ?? []).flatMap(nested)];
    const roots = this.views?.roots ?? [];
    return roots.flatMap(nested).filter((view) => view.model.type === "Figure");
  }

  fillColumn() {
    if (this.gone) return;
    this.fitFrames();
    requestAnimationFrame(() => this.wrap());
  }

  fitFrames() {
    if (!this.views || !this.el.clientWidth) return; // it is on a tab that is not shown
    for (const view of this.figures().filter((one) => one.bbox.width > 0)) {
      // The kernel draws the grid for what is seen now.
      if (this.frames.fill(view)) view.trigger_ranges_update_event();
    }
  }

  // One click on a tick toggles it; a table would want one to edit, one to toggle, and a key.
  tick(event) {
    const path = event.composedPath();
    const cell = path.find((node) => node.classList?.contains("slick-cell"));
    const box = cell?.firstElementChild?.shadowRoot?.querySelector("input[type=checkbox]");
    if (!box) return;
    if (path[0] !== box) box.checked = !box.checked;
    this.endEdit();
  }

  // Enter ends an edit; the table would open the next cell below, or the same one again.
  // Tab ends it too and leaves the table, which would walk through all cells without end.
  enter(event) {
    if (event.key === "Enter") setTimeout(() => this.endEdit());
    const grid = this.views?.roots[0]?.grid;
    if (event.key !== "Tab" || !grid) return;
    this.endEdit();
    event.stopImmediatePropagation();
    leave(this.el, event);
  }

  endEdit() {
    const grid = this.views?.roots[0]?.grid;
    if (grid?.getEditorLock().commitCurrentEdit()) grid.resetActiveCell();
  }

  apply(message, buffers) {
    this.following = "except" in message;
    this.document.apply_json_patch(JSON.parse(message.patch), named(message.buffers, buffers));
    this.following &&= this.settling;
    if (message.patch.includes('"text"')) requestAnimationFrame(() => this.wrap());
  }

  send(events) {
    if (!events.length) return;
    const { text, names, buffers } = pack(this.Bokeh, this.document.create_json_patch(events));
    const message = { type: "patch", view: this.id, patch: text, buffers: names };
    this.model.send(message, undefined, buffers);
  }

  fail(error) {
    const box = document.createElement("div");
    box.className = "oda-pane-error";
    box.textContent = `The figure could not be drawn (${error.message}). Reload the page.`;
    this.el.append(box);
  }

  clear() {
    this.sizeWatcher.disconnect();
    this.document?.views_manager?.clear();
    this.el.replaceChildren();
  }

  remove() {
    this.gone = true;
    this.forget();
    this.themeWatcher.disconnect();
    window.removeEventListener("resize", this.fill);
    this.model.off("msg:custom", this.receive);
    tell(this.model, { type: "close", view: this.id });
    this.clear();
  }
}

export default {
  initialize({ model }) {
    loadBokeh(model).catch(() => {}); // the views ask again
  },
  render({ model, el }) {
    const view = new PageView(model, el);
    view.start().catch((error) => view.fail(error));
    return () => view.remove();
  },
};
