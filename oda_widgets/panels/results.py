"""The views of what came back, in tabs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from ipywidgets import HTML, Box, Dropdown, Tab, VBox

from oda_widgets.analysis.plan import Plan
from oda_widgets.panels.card import button, quiet, row
from oda_widgets.panels.files import ProductFiles, Shown, title
from oda_widgets.products.by_source import BySource
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.views.catalog import CatalogTable
from oda_widgets.views.history.view import HistoryView
from oda_widgets.views.light_curve import LightCurveView
from oda_widgets.views.sky.view import SkyView
from oda_widgets.views.spectrum import SpectrumView

if TYPE_CHECKING:
    from oda_widgets.panels.fit_panel import FitPanel

TABS = ("Light curve", "Image and catalogue", "Spectrum", "History")
_CURVE, _IMAGE, _SPECTRUM, _HISTORY = range(4)
_NO_HISTORY = "The history of a product appears here: what it was made from, and how."


@dataclass(frozen=True)
class Actions:
    """What the views ask of the workbench.

    Parameters
    ----------
    on_select
        Seconds were brushed.
    image_seconds
        Make an image of the selected seconds.
    clear_seconds
        Select nothing.
    on_source
        A source was chosen; its spectrum is wanted.
    on_light_curve
        The light curve of a source is wanted.
    on_catalog
        The catalogue was edited.
    """

    on_select: Callable[[Any], object]
    image_seconds: Callable[[], object]
    clear_seconds: Callable[[], object]
    on_source: Callable[[str], object]
    on_light_curve: Callable[[str], object]
    on_catalog: Callable[[SourceCatalog], object]


class Results(Tab):  # type: ignore[misc]  # ipywidgets publishes no types
    """Tabs for light curve, image with catalogue, spectrum, and the history of the last of them."""

    def __init__(self, actions: Actions) -> None:
        self._actions = actions
        self.curve_view: LightCurveView | None = None
        self.sky_view: SkyView | None = None
        self.spectrum_view: SpectrumView | None = None
        self.table = CatalogTable(on_change=self._edited, on_source=self.highlight)
        self.selection = SelectionBar(actions)
        self._curve = VBox([self.selection, _empty("The light curve appears here.")])
        self._sky = Box([_empty("Select seconds on the light curve, then image them.")])
        self._spectrum = VBox([_empty("Tap a source in the image to see its spectrum.")])
        self._history = VBox([_empty(_NO_HISTORY)])
        self._latest: Shown | None = None
        for box in (self._curve, self._sky, self._spectrum, self._history):
            box.add_class("oda-tab")
        self._sky.add_class("oda-side-by-side")
        boxes = [self._curve, self._sky, self._spectrum, self._history]
        super().__init__(boxes, titles=TABS)
        self.observe(lambda _change: self._opened(), names="selected_index")
        self.add_class("oda-tabs")

    @property
    def catalog(self) -> SourceCatalog:
        """The catalogue as it is edited."""
        return self.table.catalog

    def show_curves(self, curves: BySource[LightCurve], name: str | None) -> LightCurveView:
        """Show light curves, that of one source first; return its view."""

        def draw(chosen: str) -> VBox:
            marked = self.curve_view.intervals if self.curve_view is not None else ()
            view = LightCurveView(curves[chosen], on_select=self._actions.on_select)
            view.select(marked)
            self.curve_view = view
            return VBox([view, self._files(curves[chosen])])

        views = _one_of(curves, name, draw)
        self._curve.children = (self.selection, *views)
        self.selected_index = _CURVE
        return cast("LightCurveView", self.curve_view)

    def show_image(self, image: SkyImage) -> None:
        """Show an image and its catalogue."""
        self.sky_view = SkyView(image, on_source=self._tapped, size=480)
        self.table.show(image.catalog)
        hint = quiet("Tap a source to get its spectrum from the same seconds.")
        files = self._files(image)
        self._sky.children = (VBox([self.sky_view, hint, files]), self.table)
        self.selected_index = _IMAGE

    def show_spectra(self, spectra: BySource[Spectrum], name: str | None) -> None:
        """Show spectra, that of one source first."""

        def draw(chosen: str) -> VBox:
            self.spectrum_view = SpectrumView(spectra[chosen])
            curve = button("Light curve", f"Light curve of {chosen}", "oda-chip")
            curve.on_click(lambda _button: self._actions.on_light_curve(chosen))
            files = self._files(spectra[chosen])
            files.children = (curve, *files.children)
            return VBox([self.spectrum_view, files, FitLauncher(spectra[chosen])])

        self._spectrum.children = _one_of(spectra, name, draw)
        self.selected_index = _SPECTRUM

    def show_history(self, product: Shown) -> None:
        """Show how a product came to be."""
        self._latest = product
        if product.provenance is None:
            self._history.children = (_empty("This product carries no record of its history."),)
        else:
            self._history.children = (HistoryView(product.provenance, title(product)),)
        self.selected_index = _HISTORY

    def show_plan(self, plan: Plan) -> None:
        """Show the steps that the next question means."""
        self._history.children = (HistoryView(plan, "Plan"),)
        self.selected_index = _HISTORY

    def highlight(self, name: str) -> None:
        """Mark a source in the image and in the table."""
        self.table.highlight(name)
        if self.sky_view is not None:
            self.sky_view.highlight(name)

    def _files(self, product: Shown) -> ProductFiles:
        """Return the doors of a product that is being shown."""
        self._latest = product
        self._history.children = ()
        return ProductFiles(product, lambda: self.show_history(product))

    def _opened(self) -> None:
        """Draw the history of the latest product when somebody looks for it."""
        if self.selected_index == _HISTORY and not self._history.children and self._latest:
            self.show_history(self._latest)

    def _tapped(self, name: str) -> None:
        self.highlight(name)
        self._actions.on_source(name)

    def _edited(self, catalog: SourceCatalog) -> None:
        if self.sky_view is not None:
            self.sky_view.show_catalog(catalog)
        self._actions.on_catalog(catalog)


class SelectionBar(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Says what the brush selected, and offers to image it."""

    def __init__(self, actions: Actions) -> None:
        self._text = HTML()
        self._text.add_class("oda-selection")
        self.image_button = button("Image these seconds", "Image them", "oda-primary")
        self.clear_button = button("Clear", "Select nothing", "oda-chip")
        self.image_button.on_click(lambda _button: actions.image_seconds())
        self.clear_button.on_click(lambda _button: actions.clear_seconds())
        super().__init__([row(self._text, self.image_button, self.clear_button)])
        self.add_class("oda-selection-bar")
        self.show("", selected=False)

    def show(self, summary: str, *, selected: bool) -> None:
        """Show how much is selected, or how to select."""
        hint = "Drag over the light curve to select seconds; hold <kbd>Shift</kbd> to add more."
        self._text.value = f"<b>{summary}</b> selected" if selected else hint
        for control in (self.image_button, self.clear_button):
            control.layout.display = "" if selected else "none"


class FitLauncher(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A button that opens the fit panel of a spectrum; the models are imported then."""

    def __init__(self, spectra: Spectrum | Sequence[Spectrum]) -> None:
        self._spectra = spectra
        self.button = button("Fit a model", "Fit this spectrum with XSPEC's models", "oda-primary")
        self.button.on_click(lambda _button: self.begin())
        super().__init__([row(self.button)])
        self.add_class("oda-fit-launcher")

    def begin(self) -> FitPanel:
        """Show the panel in place of the button."""
        from oda_widgets.panels.fit_panel import FitPanel  # noqa: PLC0415 - imports scipy and models

        panel = FitPanel(self._spectra)
        self.children = (panel,)
        return panel


def _one_of(
    products: BySource[Any], name: str | None, draw: Callable[[str], Any]
) -> tuple[Any, ...]:
    """Return a view of one product and, when there are more, the choice between them."""
    names = list(products)
    chosen = name if name is not None and name in products else names[0]
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


def _empty(text: str) -> HTML:
    place = quiet(text)
    place.add_class("oda-empty")
    return place
