"""Parts of the results: functions that they call, the bar of selected times, the fit button."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Dropdown, VBox

from oda_widgets.errors import OdaError
from oda_widgets.panels.card import button, quiet, row
from oda_widgets.products.by_source import BySource
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.instrument import IMAGE, KINDS, SPECTRUM
from oda_widgets.request.source import Source
from oda_widgets.views.kept import Kept

if TYPE_CHECKING:
    from oda_widgets.panels.fit_panel import FitPanel


@dataclass(frozen=True)
class Actions:
    """Functions that the views call.

    Parameters
    ----------
    on_select
        Called with the intervals when the brush changes them.
    image_selection, spectrum_selection
        Submit an image, or the spectra, of the selected times.
    zoom_selection
        Shows the selected times only.
    clear_selection
        Clears the time selection.
    on_source
        Called with the name of a source whose spectrum is wanted.
    on_light_curve
        Called with the name of a source whose light curve is wanted.
    on_catalog
        Called with the catalogue when it was edited.
    on_catalog_problem
        Called with the error when an edit is not valid.
    resolve
        Returns the position of a source by its name.
    source
        Returns the source of the form; None if it has none.
    on_view
        Called after another tab was opened, or controls below a product were changed.
    """

    on_select: Callable[[Any], object]
    image_selection: Callable[[], object]
    spectrum_selection: Callable[[], object]
    zoom_selection: Callable[[], object]
    clear_selection: Callable[[], object]
    on_source: Callable[[str], object]
    on_light_curve: Callable[[str], object]
    on_catalog: Callable[[SourceCatalog], object]
    on_catalog_problem: Callable[[OdaError], object]
    resolve: Callable[[str], Source]
    source: Callable[[], Source | None]
    on_view: Callable[[], object]


class SelectionBar(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """The selected times, with buttons that use them."""

    def __init__(self, actions: Actions) -> None:
        self._text = HTML()
        self._text.add_class("oda-selection")
        self.image_button = button(
            "Image these seconds", "Submit an image of the selected times", "oda-primary"
        )
        self.spectrum_button = button(
            "Spectrum of these seconds", "Submit the spectrum of the selected times"
        )
        self.zoom_button = button(
            "Zoom to these seconds", "Show the selected times only; Reset shows all", "oda-chip"
        )
        self.clear_button = button("Clear", "Clear the time selection", "oda-chip")
        self.image_button.on_click(lambda _button: actions.image_selection())
        self.spectrum_button.on_click(lambda _button: actions.spectrum_selection())
        self.zoom_button.on_click(lambda _button: actions.zoom_selection())
        self.clear_button.on_click(lambda _button: actions.clear_selection())
        self._makes = {IMAGE: self.image_button, SPECTRUM: self.spectrum_button}
        buttons = (*self._makes.values(), self.zoom_button, self.clear_button)
        super().__init__([row(self._text, *buttons)])
        self.add_class("oda-selection-bar")
        self.show("", selected=False)

    def show(self, summary: str, *, selected: bool, products: Collection[str] = KINDS) -> None:
        """Show how much time is selected, or how to select.

        Parameters
        ----------
        summary
            Length and number of the intervals.
        selected
            Whether there are any.
        products
            Products of the instrument of the form, some of `KINDS`.
        """
        hint = "Drag over the light curve to select seconds; hold <kbd>Shift</kbd> to add more."
        self._text.value = f"<b>{summary}</b> selected" if selected else hint
        for control in (self.zoom_button, self.clear_button):
            control.layout.display = "" if selected else "none"
        for product, control in self._makes.items():
            control.layout.display = "" if selected and product in products else "none"


class FitLauncher(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A button that opens the fit panel of spectra; the models are imported then.

    Parameters
    ----------
    spectra
        To fit.
    on_open
        Called when the panel is shown: its figure takes the place of that of the spectra.
    on_view
        Called when the panel is opened, and after each change that a session keeps.
    """

    def __init__(
        self,
        spectra: Spectrum | Sequence[Spectrum],
        on_open: Callable[[], object] = lambda: None,
        on_view: Callable[[], object] = lambda: None,
    ) -> None:
        self.spectra = (spectra,) if isinstance(spectra, Spectrum) else tuple(spectra)
        self.panel: FitPanel | None = None
        self._on_open, self._on_view = on_open, on_view
        count = len(self.spectra)
        text = f"Fit {count} spectra together" if count > 1 else "Fit a model"
        self.button = button(text, "Fit with XSPEC's models", "oda-primary")
        self.button.on_click(lambda _button: self.begin())
        super().__init__([row(self.button)])
        self.add_class("oda-fit-launcher")

    @property
    def kept(self) -> dict[str, str]:
        """The contents of an open fit, for a session; empty if none is open."""
        if self.panel is None:
            return {}
        from oda_widgets.panels.fit_state import read_fit  # noqa: PLC0415 - imports scipy and models

        return read_fit(self.panel) | {"spectra": str(len(self.spectra))}

    def take(self, other: FitLauncher) -> None:
        """Show the panel that another launcher opened."""
        if other.panel is not None:
            self.panel, self.children = other.panel, (other.panel,)
            self._on_open()

    def suits_spectra(self, spectra: Sequence[Spectrum]) -> bool:
        """Return whether this is the fit of these spectra."""
        same = len(spectra) == len(self.spectra)
        return same and all(a is b for a, b in zip(spectra, self.spectra, strict=True))

    def suits(self, kept: Kept) -> bool:
        """Return whether a session kept a fit of as many spectra."""
        return kept.get("spectra") == str(len(self.spectra))

    def begin(self, kept: Kept | None = None) -> FitPanel:
        """Show the panel in place of the button, with the fit that a session kept."""
        from oda_widgets.panels.fit_panel import FitPanel  # noqa: PLC0415 - imports scipy and models
        from oda_widgets.panels.fit_state import draw_fit  # noqa: PLC0415 - likewise

        first = None if kept is None else partial(draw_fit, kept=kept)
        panel = FitPanel(self.spectra, begin=first, on_view=self._on_view)
        self.panel, self.children = panel, (panel,)
        self._on_open()
        self._on_view()
        return panel


def with_source_menu(
    products: BySource[Any], name: str, draw: Callable[[str], Any]
) -> tuple[Any, ...]:
    """Return the view of one product, below a menu of sources if there are several."""
    names = list(products)
    chosen = name if name in products else names[0]
    if len(names) == 1:
        return (draw(chosen),)
    place = VBox([draw(chosen)])
    choice = Dropdown(options=names, value=chosen, description="Source")

    def change(event: dict[str, Any]) -> None:
        place.children = (draw(event["new"]),)

    choice.observe(change, names="value")
    controls = row(choice)
    controls.add_class("oda-controls")
    return controls, place


def empty_place(text: str) -> HTML:
    """Return a line of text in place of a figure that is yet to come."""
    place = quiet(text)
    place.add_class("oda-empty")
    return place
