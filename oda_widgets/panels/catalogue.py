"""The catalogue in use: the sources that spectra and light curves are fitted with."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from ipywidgets import HTML, VBox

from oda_widgets.errors import OdaError
from oda_widgets.panels.card import button, labelled, row
from oda_widgets.panels.session import EDITED
from oda_widgets.request.catalog import SAME_PLACE, SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.source import Source

_ACROSS = 30.0  # degrees, the diagonal of the field of view


class CataloguePanel(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Shows which sources are fitted together, and where they come from.

    Parameters
    ----------
    on_change
        Called after each change made here.
    on_edit
        Called when the table of the catalogue is to be opened.
    """

    def __init__(self, on_change: Callable[[], object], on_edit: Callable[[], object]) -> None:
        self._catalog = SourceCatalog()
        self._cleared = SourceCatalog()
        self._origin = ""
        self._problem: OdaError | None = None
        self._on_change = on_change
        self.text = HTML()
        self.text.add_class("oda-catalogue-in-use")
        self.edit_button = button("Edit", "Open the table of the catalogue", "oda-chip")
        self.clear_button = button("Clear", "Fit the source alone", "oda-chip")
        self.restore_button = button("Restore", "Use the catalogue again", "oda-chip")
        self.edit_button.on_click(lambda _button: on_edit())
        self.clear_button.on_click(lambda _button: self.clear())
        self.restore_button.on_click(lambda _button: self._restore())
        buttons = row(self.edit_button, self.clear_button, self.restore_button)
        super().__init__([labelled("Catalogue in use", self.text), buttons])

    @property
    def catalog(self) -> SourceCatalog:
        """All sources of the catalogue, selected or not, without that of the form."""
        return self._catalog

    @property
    def origin(self) -> str:
        """Where the catalogue comes from, for example "from image 3"."""
        return self._origin

    def use(self, catalog: SourceCatalog, origin: str) -> None:
        """Use a catalogue; `origin` says where it comes from, for example "from image 3"."""
        self._catalog, self._origin = catalog, origin
        self._cleared = SourceCatalog()
        self._problem = None

    def edit(self, catalog: SourceCatalog) -> None:
        """Use the catalogue as it was edited in its table."""
        if catalog == self._catalog:
            self._problem = None
            return
        origin = self._origin.removesuffix(f", {EDITED}")
        self.use(catalog, f"{origin}, {EDITED}" if origin else EDITED)

    def refuse(self, problem: OdaError) -> None:
        """Use no catalogue until a mistake in its table is corrected."""
        self._problem = problem

    def limit_to(self, source: Source) -> None:
        """Leave out the sources that no science window sees together with another source."""
        place = CatalogSource(source.name, source.ra, source.dec)
        near = tuple(s for s in self._catalog if s.separation(place) < _ACROSS)
        self._catalog = SourceCatalog(near)

    def clear(self) -> None:
        """Fit the source alone."""
        self._cleared = self._catalog
        self._catalog, self._problem = SourceCatalog(), None
        self._on_change()

    def read(self, source: Source | None) -> SourceCatalog:
        """Return the selected sources, with the source of the form if it is not among them.

        Raises
        ------
        OdaError
            If the table holds a mistake.
        """
        if self._problem is not None:
            raise self._problem.with_traceback(None)
        selected = self._catalog.selected
        return selected if source is None or self._has(source) else selected.add(source)

    def show(self, source: Source | None) -> None:
        """Show which sources are in use."""
        selected, name = self._catalog.selected, "" if source is None else source.name
        count = "1 source" if len(selected) == 1 else f"{len(selected)} sources"
        added = f", and {name}" if source is not None and not self._has(source) else ""
        some = f"<b>{count}</b>, {escape(self._origin + added)}"
        alone = f"<b>{escape(name)}</b> alone" if name else "none"
        names = escape(", ".join(selected.names), quote=True)
        self.text.value = f'<span title="{names}">{some if len(selected) else alone}</span>'
        for control, catalog in (
            (self.clear_button, self._catalog),
            (self.restore_button, self._cleared),
        ):
            control.layout.display = "" if len(catalog) else "none"
        self.edit_button.layout.display = "" if self._origin else "none"

    def _has(self, source: Source) -> bool:
        """Return whether a source is in the catalogue, selected or not, by name or by place."""
        place = CatalogSource(source.name, source.ra, source.dec)
        return source.name in self._catalog.names or any(
            other.separation(place) < SAME_PLACE for other in self._catalog.selected
        )

    def _restore(self) -> None:
        self.use(self._cleared, self._origin)
        self._on_change()
