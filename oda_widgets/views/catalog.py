"""The catalogue as a table that can be edited."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from bokeh.models import ColumnDataSource
from ipywidgets import Button, HBox, Text, VBox

from oda_widgets.abilities import abilities
from oda_widgets.errors import BadParameter, OdaError
from oda_widgets.lookup import names
from oda_widgets.request.catalog import SAME_PLACE, SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.source import Source
from oda_widgets.views.catalog_content import catalog_of, content_of
from oda_widgets.views.catalog_grid import catalog_grid, grid_height
from oda_widgets.views.catalog_rows import from_rows, to_rows
from oda_widgets.views.download import DownloadButton
from oda_widgets.views.fields import number_field
from oda_widgets.views.file_button import FileButton
from oda_widgets.views.message import Message, shown_in
from oda_widgets.views.muted import Muted
from oda_widgets.views.pane import BokehPane
from oda_widgets.views.without_kernel import WithoutKernel

OnCatalog = Callable[[SourceCatalog], object]
OnSource = Callable[[str], object]


class CatalogTable(WithoutKernel, VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A catalogue to edit, shorten and choose from.

    Parameters
    ----------
    catalog
        The catalogue to show.
    on_change
        Called with the new catalogue after each valid change.
    on_source
        Called with the name of a source when its row is chosen.
    on_problem
        Called with the error when text typed into the table is not valid.
    resolve
        Returns the position of a source to add; by default from the reference catalogue.
    """

    def __init__(
        self,
        catalog: SourceCatalog = SourceCatalog(),  # noqa: B008 - immutable
        on_change: OnCatalog | None = None,
        on_source: OnSource | None = None,
        on_problem: Callable[[OdaError], object] | None = None,
        resolve: Callable[[str], Source] | None = None,
    ) -> None:
        self.catalog = catalog
        self._on_change = on_change
        self._on_source = on_source
        self._on_problem = on_problem
        self._resolve = resolve or _resolve_offline
        self._muted = Muted()
        self._rows = ColumnDataSource(data=to_rows(catalog))
        self.table = catalog_grid(self._rows, grid_height(catalog))
        self.pane = BokehPane(self.table)
        self.message = Message()
        self._rows.on_change("data", lambda _attr, _old, _new: self._data_changed())
        self._rows.selected.on_change("indices", lambda _attr, _old, new: self._rows_chosen(new))
        super().__init__([self._buttons(), self.message, self.pane])
        self.add_class("oda-catalog")

    @property
    def still(self) -> dict[str, str]:
        """The table as it is edited."""
        return abilities().still(self.catalog)

    @property
    def chosen(self) -> tuple[str, ...]:
        """Names of the sources whose rows are chosen."""
        names = self.catalog.names
        return tuple(names[i] for i in self._rows.selected.indices if i < len(names))

    def show(self, catalog: SourceCatalog) -> None:
        """Show another catalogue, without calling `on_change`."""
        chosen = _rows_still_chosen(self._rows.selected.indices, self.catalog, catalog)
        self.catalog = catalog
        self.message.clear()
        with self.pane.together(), self._muted:
            self._rows.data = to_rows(catalog)
            self._rows.selected.indices = chosen
            self.table.height = grid_height(catalog)

    def highlight(self, name: str | None) -> None:
        """Choose the row of a source, without calling `on_source`."""
        wanted = _indices(self.catalog, (name,) if name else ())
        with self._muted:
            self._rows.selected.indices = wanted

    def change(self, catalog: SourceCatalog) -> None:
        """Show another catalogue and call `on_change`."""
        self.show(catalog)
        if self._on_change is not None:
            self._on_change(catalog)

    def add(self, name: str) -> None:
        """Add a source by its name or position.

        Raises
        ------
        UnknownSource
            If the name is not resolved.
        BadParameter
            If the catalogue has a source at that place: their fluxes could not be told apart.
        """
        source = self._resolve(name)
        place = CatalogSource(source.name, source.ra, source.dec)
        for other in self.catalog:
            if other.separation(place) < SAME_PLACE:
                apart = f"{60 * other.separation(place):.1f} arcmin from {other.name}"
                limit = f"{apart}, too near to be a second source"
                advice = f"Select {other.name}, or edit its name or position."
                raise BadParameter("catalog", name, limit, advice)
        self.change(self.catalog.add(place))

    def add_at(self, ra: float, dec: float) -> None:
        """Add a source at a position in degrees; show the error if another is there."""
        self._show_errors_of(lambda: self.add(f"{ra:.4f} {dec:+.4f}"))

    def find(self, text: str) -> None:
        """Choose the rows whose names contain a text."""
        wanted = text.strip().casefold()
        found = [name for name in self.catalog.names if wanted and wanted in name.casefold()]
        with self._muted:
            self._rows.selected.indices = _indices(self.catalog, tuple(found))
        if wanted and not found:
            limit = "no name in the catalogue contains it"
            raise BadParameter("find", text, limit, "Write a part of a name.")

    def read(self, name: str, content: bytes) -> None:
        """Show the catalogue in a file: regions of DS9, FITS, VOTable, CSV or ECSV.

        Parameters
        ----------
        name
            Name of the file; its suffix decides the format.
        content
            Bytes of the file.

        Raises
        ------
        BadParameter, DamagedFile
            If it cannot be read.
        """
        catalog, notes = catalog_of(name, content)
        self.change(catalog)
        if notes:
            self.message.note(notes)

    def content(self, suffix: str) -> bytes:
        """Return the catalogue as the content of a file, for example with the suffix ".reg"."""
        return content_of(self.catalog, suffix)

    def delete(self) -> None:
        """Delete the chosen sources."""
        if not self.chosen:
            limit = "no row is chosen"
            raise BadParameter("catalog", [], limit, "Click a row first, then delete.")
        self.change(self.catalog.drop(*self.chosen))

    def toggle(self) -> None:
        """Select or deselect the sources of the chosen rows, or all when none is chosen."""
        names = self.chosen or self.catalog.names
        select = not all(self.catalog[name].selected for name in names)
        catalog = self.catalog
        for name in names:
            catalog = catalog.update(name, selected=select)
        self.change(catalog)

    def drop_new(self) -> None:
        """Drop the sources that no catalogue lists."""
        self.change(self.catalog.drop_new())

    def brighter_than(self, significance: float) -> None:
        """Keep the sources at or above a significance."""
        self.change(self.catalog.brighter_than(significance))

    def _data_changed(self) -> None:
        if not self._muted:
            self.pane.afterwards(self._edited)

    def _edited(self) -> None:
        """Apply the edits; text that is not valid stays in the table, with its error above."""
        rows = dict(self._rows.data)
        with shown_in(self.message):
            try:
                self.change(from_rows(self.catalog, rows))
            except OdaError as error:
                if self._on_problem is not None:
                    self._on_problem(error)
                raise

    def _rows_chosen(self, indices: list[int]) -> None:
        if indices and self._on_source is not None and not self._muted:
            self._on_source(self.catalog.names[indices[0]])

    def _show_errors_of(self, act: Callable[[], None]) -> None:
        with shown_in(self.message):
            act()

    def _buttons(self) -> HBox:
        name = Text(placeholder="Name, or RA Dec", tooltip="Source to add")
        name.add_class("oda-add")
        limit = number_field("significance", 7, 0, 1e6, tooltip="Lowest significance")
        limit.add_class("oda-narrow")
        add = self._button("Add", "Add this source", lambda: self._add_from(name))
        keep = self._button(
            "Keep σ ≥", "Keep the sources at or above it", lambda: self.brighter_than(limit.read())
        )
        row = HBox(
            [
                HBox([name, add]),
                self._button("Delete", "Delete the chosen rows", self.delete),
                self._button("Select", "Select or deselect the chosen rows, or all", self.toggle),
                self._button("Drop new", "Drop sources that no catalogue lists", self.drop_new),
                HBox([keep, limit]),
                self._find_field(),
                *self._files(),
            ]
        )
        row.add_class("oda-controls")
        return row

    def _find_field(self) -> Text:
        field = Text(placeholder="Find a name", tooltip="Choose the rows with this in their name")
        field.add_class("oda-add")
        field.observe(
            lambda change: self._show_errors_of(lambda: self.find(change["new"])), names="value"
        )
        return field

    def _files(self) -> list[Any]:
        kinds = {".reg": "DS9 regions", ".csv": "CSV", ".fits": "FITS"}
        saves = [
            DownloadButton(f"catalogue{suffix}", partial(self.content, suffix), text, self.message)
            for suffix, text in kinds.items()
        ]
        accepted = ".reg,.csv,.tsv,.dat,.txt,.fits,.gz,.vot,.xml,.ecsv"
        return [FileButton("Open…", accepted, self.read, message=self.message), *saves]

    def _add_from(self, field: Text) -> None:
        self.add(field.value.strip())
        field.value = ""

    def _button(self, text: str, tooltip: str, act: Callable[[], None]) -> Button:
        button = Button(description=text, tooltip=tooltip)
        button.on_click(lambda _button: self._show_errors_of(act))
        return button


def _resolve_offline(name: str) -> Source:
    return names.resolve(name, online=False)


def _indices(catalog: SourceCatalog, names: tuple[str, ...]) -> list[int]:
    return [index for index, name in enumerate(catalog.names) if name in names]


def _rows_still_chosen(chosen: list[int], before: SourceCatalog, after: SourceCatalog) -> list[int]:
    """Return the rows that stay chosen: those of the same sources, even if one was renamed."""
    renamed = len(before) == len(after) and (
        sum(old != new for old, new in zip(before.names, after.names, strict=True)) <= 1
    )
    if renamed:
        return chosen
    return _indices(after, tuple(before.names[i] for i in chosen if i < len(before)))
