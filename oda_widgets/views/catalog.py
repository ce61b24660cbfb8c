"""The catalogue as a table that can be edited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bokeh.models import (
    CellEditor,
    CheckboxEditor,
    ColumnDataSource,
    DataTable,
    HTMLTemplateFormatter,
    InlineStyleSheet,
    StringEditor,
    StringFormatter,
    TableColumn,
)
from ipywidgets import BoundedFloatText, Button, HBox, VBox

from oda_widgets.errors import BadParameter
from oda_widgets.request.catalog import CatalogSource, SourceCatalog
from oda_widgets.views.catalog_rows import from_rows, to_rows
from oda_widgets.views.message import Message, shown_in
from oda_widgets.views.muted import Muted
from oda_widgets.views.pane import BokehPane

OnCatalog = Callable[[SourceCatalog], object]
OnSource = Callable[[str], object]

_TICK = '<span class="tick"><%= value ? "☑" : "☐" %></span>'
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
.slick-header.ui-state-default { border-bottom: 1px solid var(--oda-rule); }
.slick-row { background: transparent !important; }
.slick-row:hover { background: var(--oda-hover) !important; }
.slick-row .slick-cell { border: none; border-bottom: 1px solid var(--oda-hair);
  line-height: 26px; padding: 0 6px; color: var(--oda-ink); background: transparent; }
.slick-row .slick-cell.selected { background: var(--oda-chosen); }
.slick-row .slick-cell.active { box-shadow: inset 0 0 0 1.5px var(--oda-accent); }
.slick-cell.editable { background: var(--oda-surface) !important; }
.slick-cell input { background: transparent; color: var(--oda-ink); font: inherit; }
.tick { font-size: 16px; color: var(--oda-accent); }
"""


class CatalogTable(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A catalogue to look at, edit, thin out and choose from.

    Parameters
    ----------
    catalog
        What to show.
    on_change
        Called with the new catalogue after each valid change.
    on_source
        Called with the name of a source when its row is chosen.
    """

    def __init__(
        self,
        catalog: SourceCatalog = SourceCatalog(),  # noqa: B008 - immutable
        on_change: OnCatalog | None = None,
        on_source: OnSource | None = None,
    ) -> None:
        self.catalog = catalog
        self._on_change = on_change
        self._on_source = on_source
        self._muted = Muted()
        self._rows = ColumnDataSource(data=to_rows(catalog))
        self.table = _table(self._rows, _height(catalog))
        self.pane = BokehPane(self.table)
        self.message = Message()
        self._rows.on_change("data", lambda _attr, _old, _new: self.pane.afterwards(self._edited))
        self._rows.selected.on_change("indices", lambda _attr, _old, new: self._chosen(new))
        super().__init__([self._buttons(), self.message, self.pane])
        self.add_class("oda-catalog")

    @property
    def chosen(self) -> tuple[str, ...]:
        """Names of the sources whose rows are chosen."""
        names = self.catalog.names
        return tuple(names[i] for i in self._rows.selected.indices if i < len(names))

    def show(self, catalog: SourceCatalog) -> None:
        """Show another catalogue, without calling `on_change`."""
        chosen = _kept(self._rows.selected.indices, self.catalog, catalog)
        self.catalog = catalog
        self.message.clear()
        with self.pane.together(), self._muted:
            self._rows.data = to_rows(catalog)
            self._rows.selected.indices = chosen
            self.table.height = _height(catalog)

    def highlight(self, name: str | None) -> None:
        """Choose the row of a source, without calling `on_source`."""
        wanted = _indices(self.catalog, (name,) if name else ())
        with self._muted:
            self._rows.selected.indices = wanted

    def change(self, catalog: SourceCatalog) -> None:
        """Show another catalogue and tell who asked."""
        self.show(catalog)
        if self._on_change is not None:
            self._on_change(catalog)

    def add(self) -> None:
        """Add a source to be named and placed by typing."""
        first = self.catalog[0] if len(self.catalog) else None
        ra, dec = (first.ra, first.dec) if first is not None else (0.0, 0.0)
        self.change(self.catalog.add(CatalogSource(_free_name(self.catalog), ra, dec)))

    def delete(self) -> None:
        """Delete the chosen sources."""
        if not self.chosen:
            limit = "no row is chosen"
            raise BadParameter("catalog", [], limit, "Click a row first, then delete.")
        self.change(self.catalog.drop(*self.chosen))

    def toggle(self) -> None:
        """Tick or untick the chosen sources, or all when none is chosen."""
        names = self.chosen or self.catalog.names
        tick = not all(self.catalog[name].selected for name in names)
        catalog = self.catalog
        for name in names:
            catalog = catalog.update(name, selected=tick)
        self.change(catalog)

    def drop_new(self) -> None:
        """Drop the sources that no catalogue knows."""
        self.change(self.catalog.drop_new())

    def brighter_than(self, significance: float) -> None:
        """Keep the sources at or above a significance."""
        self.change(self.catalog.brighter_than(significance))

    def _edited(self) -> None:
        """Take what was typed; leave it in the table, beside its error, when it is not valid."""
        rows = dict(self._rows.data)
        if rows == to_rows(self.catalog):
            self.message.clear()
            return
        self._try(lambda: self.change(from_rows(self.catalog, rows)))

    def _chosen(self, indices: list[int]) -> None:
        if indices and self._on_source is not None and not self._muted:
            self._on_source(self.catalog.names[indices[0]])

    def _try(self, act: Callable[[], None]) -> None:
        with shown_in(self.message):
            act()

    def _buttons(self) -> HBox:
        limit = BoundedFloatText(value=7, min=0, max=1e6, step=1)
        limit.add_class("oda-narrow")
        keep = "Keep σ ≥"
        brighter = self._button(
            keep, "Keep sources at or above it", lambda: self.brighter_than(limit.value)
        )
        buttons = [
            self._button("Add", "Add a source", self.add),
            self._button("Delete", "Delete the chosen rows", self.delete),
            self._button("Tick", "Tick or untick the chosen rows, or all", self.toggle),
            self._button("Drop new", "Drop sources that no catalogue knows", self.drop_new),
            HBox([brighter, limit]),
        ]
        row = HBox(buttons)
        row.add_class("oda-controls")
        return row

    def _button(self, text: str, tooltip: str, act: Callable[[], None]) -> Button:
        button = Button(description=text, tooltip=tooltip)
        button.on_click(lambda _button: self._try(act))
        return button


def _table(rows: ColumnDataSource, height: int) -> DataTable:
    tick = HTMLTemplateFormatter(template=_TICK)
    right = StringFormatter(text_align="right")
    columns = [
        TableColumn(field="selected", title="✓", formatter=tick, editor=CheckboxEditor(), width=26),
        _text_column("name", "Source", 124),
        _text_column("ra", "RA (deg)", 70, formatter=right),
        _text_column("dec", "Dec (deg)", 72, formatter=right),
        _fixed_column("significance", "σ", 46, formatter=right),
        _fixed_column("flux", "Counts/s", 92, formatter=right),
        _fixed_column("kind", "", 36),
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
        sizing_mode="stretch_width",
        autosize_mode="none",
        stylesheets=[InlineStyleSheet(css=_TABLE_STYLE)],
    )


def _text_column(field: str, title: str, width: int, **options: Any) -> TableColumn:
    return TableColumn(field=field, title=title, editor=StringEditor(), width=width, **options)


def _fixed_column(field: str, title: str, width: int, **options: Any) -> TableColumn:
    """Return a column of measured values: without an editor nobody types into it."""
    return TableColumn(field=field, title=title, editor=CellEditor(), width=width, **options)


def _height(catalog: SourceCatalog) -> int:
    return _ROW * (min(max(len(catalog), 3), _MOST_ROWS) + 1) + 12


def _indices(catalog: SourceCatalog, names: tuple[str, ...]) -> list[int]:
    return [index for index, name in enumerate(catalog.names) if name in names]


def _kept(chosen: list[int], before: SourceCatalog, after: SourceCatalog) -> list[int]:
    """Return which rows stay chosen: the same ones, also when a source was renamed."""
    if len(before) == len(after):
        return chosen
    return _indices(after, tuple(before.names[i] for i in chosen if i < len(before)))


def _free_name(catalog: SourceCatalog) -> str:
    number = 1
    while f"Source {number}" in catalog.names:
        number += 1
    return f"Source {number}"
