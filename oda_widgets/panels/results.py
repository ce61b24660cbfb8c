"""The views of results, in tabs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Dropdown, HBox, Tab, VBox

from oda_widgets.analysis.plan import Plan
from oda_widgets.errors import OdaError
from oda_widgets.panels.card import button, quiet, row
from oda_widgets.panels.files import ProductFiles, Shown, title
from oda_widgets.products.by_source import BySource
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.source import Source
from oda_widgets.views.catalog import CatalogTable
from oda_widgets.views.history.view import HistoryView
from oda_widgets.views.light_curve import LightCurveView
from oda_widgets.views.message import Message
from oda_widgets.views.sky.view import SkyView
from oda_widgets.views.spectrum import SpectrumView

if TYPE_CHECKING:
    from oda_widgets.panels.fit_panel import FitPanel

TABS = ("Light curve", "Image and catalogue", "Spectrum", "History")
_TAB_OF = {"light_curves": 0, "image": 1, "spectra": 2}
_HISTORY = 3
_NO_HISTORY = "The provenance of a product appears here: its steps, inputs and parameters."


@dataclass(frozen=True)
class Actions:
    """Functions that the views call.

    Parameters
    ----------
    on_select
        Called with the intervals when the brush changes them.
    image_selection
        Submits an image of the selected times.
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
    """

    on_select: Callable[[Any], object]
    image_selection: Callable[[], object]
    clear_selection: Callable[[], object]
    on_source: Callable[[str], object]
    on_light_curve: Callable[[str], object]
    on_catalog: Callable[[SourceCatalog], object]
    on_catalog_problem: Callable[[OdaError], object]
    resolve: Callable[[str], Source]


class Results(Tab):  # type: ignore[misc]  # ipywidgets publishes no types
    """Tabs for light curve, image with catalogue, spectrum, and the history of the last of them."""

    def __init__(self, actions: Actions) -> None:
        self._actions = actions
        self.curve_view: LightCurveView | None = None
        self.sky_view: SkyView | None = None
        self.spectrum_view: SpectrumView | None = None
        self.table = CatalogTable(
            on_change=self._edited,
            on_source=self.highlight,
            on_problem=actions.on_catalog_problem,
            resolve=actions.resolve,
        )
        self.selection = SelectionBar(actions)
        self.origins = {kind: Message() for kind in _TAB_OF}
        self._curve = VBox([self.selection, _empty("The light curve appears here.")])
        self._sky = VBox([_empty("Select times on the light curve, then image them.")])
        self._spectrum = VBox([_empty("Click a source in the image to see its spectrum.")])
        self._history = VBox([_empty(_NO_HISTORY)])
        self._latest: Shown | None = None
        boxes = [self._curve, self._sky, self._spectrum, self._history]
        for box in boxes:
            box.add_class("oda-tab")
        super().__init__(boxes, titles=TABS)
        self.observe(lambda _change: self._tab_changed(), names="selected_index")
        self.add_class("oda-tabs")

    @property
    def catalog(self) -> SourceCatalog:
        """The catalogue as it is edited."""
        return self.table.catalog

    def show_origin(self, kind: str, text: str) -> None:
        """Show which query a result comes from; an empty text hides the line."""
        if text:
            self.origins[kind].note(text)
        else:
            self.origins[kind].clear()

    def show(self, kind: str, product: Any, target: str) -> None:
        """Show the product of a query of one kind, that of a source first."""
        if kind == "image":
            self.show_image(product)
        elif kind == "spectra":
            self.show_spectra(product, target)
        else:
            self.show_curves(product, target)

    def show_curves(self, curves: BySource[LightCurve], name: str) -> None:
        """Show light curves, that of one source first."""

        def draw(chosen: str) -> VBox:
            marked = self.curve_view.intervals if self.curve_view is not None else ()
            view = LightCurveView(curves[chosen], on_select=self._actions.on_select)
            view.select(marked)
            self.curve_view = view
            return VBox([view, self._files(curves[chosen])])

        views = _one_of(curves, name, draw)
        self._curve.children = (self.origins["light_curves"], self.selection, *views)
        self.selected_index = _TAB_OF["light_curves"]

    def show_image(self, image: SkyImage) -> None:
        """Show an image and its catalogue."""
        view = SkyView(image, on_source=self._clicked)
        self.sky_view = view
        self.table.show(image.catalog)
        windows = image.observation.science_windows
        which = "science windows" if len(windows) > 1 else "times"
        hint = quiet(f"Click a source to get its spectrum from the same {which}.")
        files = self._files(image, lambda: view.paper_options)
        both = HBox([VBox([view, hint, files]), self.table])
        both.add_class("oda-side-by-side")
        self._sky.children = (self.origins["image"], both)
        self.selected_index = _TAB_OF["image"]

    def show_spectra(self, spectra: BySource[Spectrum], name: str) -> None:
        """Show spectra, that of one source first."""

        def draw(chosen: str) -> VBox:
            self.spectrum_view = SpectrumView(spectra[chosen])
            curve = button("Light curve", f"Light curve of {chosen}", "oda-chip")
            curve.on_click(lambda _button: self._actions.on_light_curve(chosen))
            files = self._files(spectra[chosen])
            files.children = (curve, *files.children)
            return VBox([self.spectrum_view, files, FitLauncher(spectra[chosen])])

        self._spectrum.children = (self.origins["spectra"], *_one_of(spectra, name, draw))
        self.selected_index = _TAB_OF["spectra"]

    def show_catalog(self) -> None:
        """Open the tab with the table of the catalogue."""
        self.selected_index = _TAB_OF["image"]

    def show_history(self, product: Shown) -> None:
        """Show the provenance of a product."""
        self._latest = product
        if product.provenance is None:
            self._history.children = (_empty("This product has no record of its provenance."),)
        else:
            self._history.children = (HistoryView(product.provenance, title(product)),)
        self.selected_index = _HISTORY

    def show_plan(self, plan: Plan) -> None:
        """Show the steps of a plan."""
        self._history.children = (HistoryView(plan, "Plan"),)
        self.selected_index = _HISTORY

    def highlight(self, name: str) -> None:
        """Mark a source in the image and in the table."""
        self.table.highlight(name)
        if self.sky_view is not None:
            self.sky_view.highlight(name)

    def _files(
        self, product: Shown, paper_options: Callable[[], dict[str, Any]] = dict
    ) -> ProductFiles:
        """Return the downloads of a product that is being shown."""
        self._latest = product
        self._history.children = ()
        return ProductFiles(product, lambda: self.show_history(product), paper_options)

    def _tab_changed(self) -> None:
        """Draw the provenance of the latest product when its tab is opened."""
        if self.selected_index == _HISTORY and not self._history.children and self._latest:
            self.show_history(self._latest)

    def _clicked(self, name: str) -> None:
        self.highlight(name)
        self._actions.on_source(name)

    def _edited(self, catalog: SourceCatalog) -> None:
        if self.sky_view is not None:
            self.sky_view.show_catalog(catalog)
        self._actions.on_catalog(catalog)


class SelectionBar(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """The times that are selected, with buttons to image or clear them."""

    def __init__(self, actions: Actions) -> None:
        self._text = HTML()
        self._text.add_class("oda-selection")
        self.image_button = button(
            "Image these seconds", "Submit an image of the selected times", "oda-primary"
        )
        self.clear_button = button("Clear", "Clear the time selection", "oda-chip")
        self.image_button.on_click(lambda _button: actions.image_selection())
        self.clear_button.on_click(lambda _button: actions.clear_selection())
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


def _one_of(products: BySource[Any], name: str, draw: Callable[[str], Any]) -> tuple[Any, ...]:
    """Return the view of one product, with a menu if there are more."""
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


def _empty(text: str) -> HTML:
    place = quiet(text)
    place.add_class("oda-empty")
    return place
