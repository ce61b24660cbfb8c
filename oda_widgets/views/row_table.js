// A table of texts, sorted by its headings (see row_table.py). All texts are set as text.
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.append(...children);
  return made;
}

function compare(one, other) {
  const [a, b] = [one.by ?? one.text, other.by ?? other.text];
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}

class TableView {
  constructor(model, el) {
    this.model = model;
    this.el = el;
    this.order = { column: -1, down: false };
    this.last = null; // the row ticked last, for shift
    this.draw = this.draw.bind(this);
    this.tickRows = this.tickRows.bind(this);
    model.on("change:rows", this.draw);
    model.on("change:selected", this.tickRows);
    this.draw();
  }

  remove() {
    this.model.off("change:rows", this.draw);
    this.model.off("change:selected", this.tickRows);
  }

  rows() {
    const { column, down } = this.order;
    const rows = [...this.model.get("rows")];
    if (column < 0) return rows;
    rows.sort((a, b) => compare(a.cells[column], b.cells[column]));
    return down ? rows.reverse() : rows;
  }

  draw() {
    const focused = this.el.contains(document.activeElement) && document.activeElement.dataset.key;
    const body = element("tbody", {}, ...this.rows().map((row) => this.row(row)));
    const table = element("table", { class: "oda-row-table", "aria-label": this.model.get("name") },
                          element("thead", {}, this.heading()), body);
    const scroll = this.el.firstChild?.scrollTop ?? 0;
    const place = element("div", { class: "oda-row-table-place" }, table);
    this.el.replaceChildren(place);
    place.scrollTop = scroll;
    this.tickRows();
    if (focused) this.el.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  heading() {
    const cells = this.model.get("columns").map((title, column) => {
      const chosen = this.order.column === column;
      const arrow = chosen ? (this.order.down ? " ↓" : " ↑") : "";
      const button = element("button", { type: "button", "data-key": `sort-${column}` },
                             title + arrow);
      button.addEventListener("click", () => this.sort(column));
      const sorted = chosen ? (this.order.down ? "descending" : "ascending") : "none";
      return element("th", { scope: "col", "aria-sort": sorted }, button);
    });
    if (this.model.get("ticks")) {
      this.all = element("input", { type: "checkbox", "aria-label": "Choose all", "data-key": "all" });
      this.all.addEventListener("change", () => this.tickAll());
      cells.unshift(element("th", { scope: "col" }, this.all));
    }
    if (this.model.get("rows").some((row) => row.actions.length))
      cells.push(element("th", { scope: "col" }, element("span", {}, "Actions")));
    return element("tr", {}, ...cells);
  }

  row(row) {
    const cells = row.cells.map((cell) =>
      element("td", typeof cell.by === "number" ? { class: "oda-number" } : {}, cell.text));
    if (this.model.get("ticks")) {
      const label = `Choose ${row.cells[0].text}`;
      const box = element("input", { type: "checkbox", "aria-label": label, "data-id": row.id,
                                     "data-key": `tick-${row.id}` });
      box.addEventListener("click", (event) => this.tick(row.id, box.checked, event.shiftKey));
      cells.unshift(element("td", {}, box));
    }
    if (row.actions.length) {
      const buttons = row.actions.map((action) => this.button(row, action));
      cells.push(element("td", { class: "oda-actions" }, ...buttons));
    }
    return element("tr", { "data-id": row.id }, ...cells);
  }

  button(row, action) {
    const what = row.cells.map((cell) => cell.text).slice(0, 4).join(", ");
    const button = element("button", {
      type: "button", class: "jupyter-widgets jupyter-button widget-button oda-chip",
      "aria-label": `${action}: ${what}`, "data-key": `${action}-${row.id}`,
    }, action);
    button.addEventListener("click", () => this.model.send({ type: "act", id: row.id, action }));
    return button;
  }

  sort(column) {
    const again = this.order.column === column;
    this.order = { column, down: again && !this.order.down };
    this.draw();
  }

  boxes() {
    return [...this.el.querySelectorAll("tbody input[type=checkbox]")];
  }

  tickRows() {
    if (!this.model.get("ticks")) return;
    const chosen = new Set(this.model.get("selected"));
    const boxes = this.boxes();
    boxes.forEach((box) => (box.checked = chosen.has(box.dataset.id)));
    this.showAll(boxes);
  }

  showAll(boxes) {
    const count = boxes.filter((box) => box.checked).length;
    this.all.checked = count > 0 && count === boxes.length;
    this.all.indeterminate = count > 0 && count < boxes.length;
  }

  // With shift all rows from the one ticked before become like this one.
  tick(id, on, range) {
    const boxes = this.boxes();
    const here = boxes.findIndex((box) => box.dataset.id === id);
    const there = boxes.findIndex((box) => box.dataset.id === this.last);
    if (range && there >= 0)
      boxes.slice(Math.min(here, there), Math.max(here, there) + 1)
        .forEach((box) => (box.checked = on));
    this.last = id;
    this.tell(boxes);
  }

  tickAll() {
    const boxes = this.boxes();
    boxes.forEach((box) => (box.checked = this.all.checked));
    this.tell(boxes);
  }

  tell(boxes) {
    this.showAll(boxes);
    const ids = boxes.filter((box) => box.checked).map((box) => box.dataset.id);
    this.model.send({ type: "select", ids });
  }
}

export default {
  render({ model, el }) {
    const view = new TableView(model, el);
    return () => view.remove();
  },
};
