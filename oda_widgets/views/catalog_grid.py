"""The grid of the catalogue's table: columns, editors and looks."""

from __future__ import annotations

from typing import Any

from bokeh.models import (
    CellEditor,
    CheckboxEditor,
    ColumnDataSource,
    CustomJSCompare,
    DataTable,
    HTMLTemplateFormatter,
    InlineStyleSheet,
    StringEditor,
    StringFormatter,
    TableColumn,
)

from oda_widgets.request.catalog import SourceCatalog

_CHECK = '<span class="check"><%= value ? "☑" : "☐" %></span>'
# Cells hold rounded text: they are sorted by the number that it begins with.
_BY_NUMBER = """
const number = (text) => parseFloat(String(text).replace("\N{MINUS SIGN}", "-"))
const [a, b] = [number(x), number(y)].map((value) => isNaN(value) ? -Infinity : value)
return a < b ? -1 : a > b ? 1 : 0
"""
_LEAST_WIDTH = 356  # screen pixels, on a page of 420 with smaller letters
_ROW = 28
_MOST_ROWS = 16

_TABLE_STYLE = """
:host { font-size: 13px; color: var(--oda-ink); }
.slick-header-columns { background: transparent !important; }
.slick-header-column.ui-state-default { background: transparent !important;
  border-right: none !important; color: var(--oda-quiet); font-weight: 600; height: 20px;
  line-height: 20px; }
.slick-header-column .slick-column-name { display: block; float: none; }
.slick-header-column.ui-state-default:nth-child(n+3) { text-align: right; }
.slick-header.ui-state-default { border: none; }
/* The rule is as long as the rows. */
.slick-header-column.ui-state-default { border-bottom: 1px solid var(--oda-rule) !important; }
.slick-row { background: transparent !important; }
.slick-row:hover { background: var(--oda-hover) !important; }
.slick-row .slick-cell { border: none; border-bottom: 1px solid var(--oda-hair);
  line-height: 26px; padding: 0 6px; color: var(--oda-ink); background: transparent; }
.slick-row .slick-cell.selected { background: var(--oda-chosen); }
.slick-row .slick-cell.active { box-shadow: inset 0 0 0 1.5px var(--oda-accent); }
.slick-cell.editable { background: var(--oda-surface) !important; }
.slick-cell input { background: transparent; color: var(--oda-ink); font: inherit; }
/* Its pane scrolls: one bar is enough. */
.slick-viewport { overflow-x: hidden !important; }
.check { font-size: 16px; color: var(--oda-accent); }
@media (max-width: 480px) {
  :host { font-size: 11.5px; }
  .slick-row .slick-cell, .slick-header-column.ui-state-default { padding: 0 2px !important; }
}
"""


def catalog_grid(rows: ColumnDataSource, height: int) -> DataTable:
    """Return the table over a catalogue's rows, which can be edited."""
    check = HTMLTemplateFormatter(template=_CHECK)
    right = StringFormatter(text_align="right")
    numbers = {"formatter": right, "sorter": CustomJSCompare(code=_BY_NUMBER)}
    columns = [
        _column("selected", "✓", 26, CheckboxEditor(), formatter=check),
        _column("name", "Source", 116, StringEditor()),
        _column("ra", "RA (deg)", 70, StringEditor(), **numbers),
        _column("dec", "Dec (deg)", 72, StringEditor(), **numbers),
        _column("significance", "σ", 46, CellEditor(), **numbers),
        _column("flux", "Counts/s", 108, CellEditor(), **numbers),
        _column("kind", "", 36, CellEditor()),
    ]
    return DataTable(
        source=rows,
        columns=columns,
        editable=True,
        reorderable=False,
        auto_edit=True,
        index_position=None,
        row_height=_ROW,
        height=height,
        min_width=_LEAST_WIDTH,  # a narrower pane scrolls
        sizing_mode="stretch_width",
        autosize_mode="force_fit",
        stylesheets=[InlineStyleSheet(css=_TABLE_STYLE)],
    )


def _column(field: str, title: str, width: int, editor: Any, **options: Any) -> TableColumn:
    """Return a column; a `CellEditor` edits nothing."""
    return TableColumn(field=field, title=title, editor=editor, width=width, **options)


def grid_height(catalog: SourceCatalog) -> int:
    """Return the height that shows a catalogue, up to a number of rows; screen pixels."""
    return _ROW * (min(max(len(catalog), 3), _MOST_ROWS) + 1) + 12
