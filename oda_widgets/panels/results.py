"""The views of results, in tabs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ipywidgets import HBox, Tab, VBox

from oda_widgets.analysis.plan import Plan
from oda_widgets.panels.bursts import BurstSearch
from oda_widgets.panels.card import button, quiet
from oda_widgets.panels.compare import CurveTools, SpectrumTools
from oda_widgets.panels.files import ProductFiles, Shown, title
from oda_widgets.panels.result_parts import (
    Actions,
    FitLauncher,
    SelectionBar,
    empty_place,
    with_source_menu,
)
from oda_widgets.panels.stage import Stage
from oda_widgets.panels.survey import SurveyPanel
from oda_widgets.panels.window_chooser import WindowChooser
from oda_widgets.products.by_source import BySource
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.timespan import TimeInterval
from oda_widgets.views.catalog import CatalogTable
from oda_widgets.views.history.view import HistoryView
from oda_widgets.views.kept import Kept
from oda_widgets.views.light_curve import LightCurveView
from oda_widgets.views.message import Message
from oda_widgets.views.sky.view import SkyView
from oda_widgets.views.spectrum import SpectrumView

if TYPE_CHECKING:
    from oda_widgets.panels.exported_fit import ExportedFit

TABS = ("Light curve", "Image and catalogue", "Spectrum", "History", "Windows", "Jobs", "Survey")
_TAB_OF = {"light_curves": 0, "image": 1, "spectra": 2, "survey": 6}
_HISTORY, _WINDOWS, _SURVEY = 3, 4, 6
_BESIDE = 0.1  # on both sides of times that are zoomed to, part of their length
_FIT, _BURSTS, _LIST = "fit", "bursts", "windows"
_NO_HISTORY = "The provenance of a product appears here: its steps, inputs and parameters."


class Results(Tab):  # type: ignore[misc]  # ipywidgets publishes no types
    """Tabs for light curve, image with catalogue, spectrum, and the history of the last of them."""

    def __init__(
        self, actions: Actions, windows: WindowChooser, survey: SurveyPanel, jobs: Any, stage: Stage
    ) -> None:
        self._actions = actions
        self._windows = windows
        self.survey = survey
        self._opens = True  # whether a result opens its tab
        self._wanted: dict[str, Kept] = {}  # kept by a session, for results on their way
        self._chosen: dict[str, str] = {}  # the source on show of each kind
        self._fit: FitLauncher | None = None
        self.curve_view: LightCurveView | None = None
        self.sky_view: SkyView | None = None
        self.spectrum_view: SpectrumView | None = None
        self.table = CatalogTable(
            on_change=self._catalog_edited,
            on_source=self.highlight,
            on_problem=actions.on_catalog_problem,
            resolve=actions.resolve,
        )
        self.selection = SelectionBar(actions)
        self.curve_tools = CurveTools(actions.on_view, stage)
        self.bursts = BurstSearch(actions.source, actions.on_view)
        self.spectrum_tools = SpectrumTools(actions.on_view, stage)
        self.origins = {kind: Message() for kind in _TAB_OF}
        self._curve = VBox([self.selection, empty_place("The light curve appears here.")])
        self._sky = VBox([empty_place("Select times on the light curve, then image them.")])
        self._spectrum = VBox([empty_place("Click a source in the image to see its spectrum.")])
        self._history = VBox([empty_place(_NO_HISTORY)])
        self._latest: Shown | None = None
        boxes = [self._curve, self._sky, self._spectrum, self._history, windows, VBox([jobs])]
        boxes.append(VBox([self.origins["survey"], survey]))
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

    @property
    def tools(self) -> dict[str, CurveTools | SpectrumTools]:
        """The controls below each kind of product that has some."""
        return {"light_curves": self.curve_tools, "spectra": self.spectrum_tools}

    @property
    def kept(self) -> dict[str, Kept]:
        """The views, the fit, the bursts and the list of windows, as a session keeps them."""
        views = {
            "light_curves": self.curve_view,
            "image": self.sky_view,
            "spectra": self.spectrum_view,
        }
        kept: dict[str, Kept] = {
            kind: {**view.kept, "source": self._chosen.get(kind, "")}
            for kind, view in views.items()
            if view is not None
        }
        if self._fit is not None:
            kept[_FIT] = self._fit.kept
        kept[_BURSTS] = self.bursts.kept
        kept[_LIST] = {"text": self._windows.text.value}
        return {kind: values for kind, values in (kept | self._wanted).items() if values}

    @property
    def exported_fit(self) -> ExportedFit | None:
        """The fit on show, if there is one, for files of the session."""
        if self._fit is None or self._fit.panel is None:
            return None
        from oda_widgets.panels.exported_fit import exported_fit  # noqa: PLC0415 - imports scipy

        return exported_fit(self._fit.panel)

    def restore(self, kept: Mapping[str, Kept]) -> None:
        """Show what a session kept, as soon as its results arrive."""
        self._wanted = {kind: values for kind, values in kept.items() if kind != _LIST}
        self._windows.text.value = kept.get(_LIST, {}).get("text", "")

    def offer(self, kind: str, products: Any, origin: str) -> None:
        """Offer products to be drawn beside the one on show; `origin` identifies their query."""
        if kind in self.tools:
            self.tools[kind].add(products.values(), origin)

    def show(
        self, kind: str, product: Any, target: str, *, opens: bool = True, origin: str = ""
    ) -> None:
        """Show the product of a query of one kind, that of a source first.

        Parameters
        ----------
        kind
            "image", "spectra", "light_curves" or "survey".
        product
            Result of the query.
        target
            Name of the source to show first.
        opens
            Whether its tab is opened.
        origin
            Identity of the query.
        """
        self._opens = opens
        self.offer(kind, product, origin)
        if kind == "image":
            self.show_image(product)
        elif kind == "spectra":
            self.show_spectra(product, target)
        elif kind == "survey":
            self.survey.show(product)
            self._open(_SURVEY)
        else:
            self.show_curves(product, target)

    def show_curves(self, curves: BySource[LightCurve], name: str) -> None:
        """Show light curves, that of one source first."""

        def draw(chosen: str) -> VBox:
            self._note_source("light_curves", chosen)
            place = VBox()
            self.curve_tools.use(curves[chosen], lambda: self._fill_curve(place, curves[chosen]))
            self._fill_curve(place, curves[chosen])
            return place

        wanted = self._wanted.pop("light_curves", {})
        self.bursts.restore(self._wanted.pop(_BURSTS, {}))
        views = with_source_menu(curves, wanted.get("source", name), draw)
        if self.curve_view is not None:
            self.curve_view.restore(wanted)
        self._curve.children = (
            self.origins["light_curves"], self.selection, *views, self.bursts, self.curve_tools
        )  # fmt: skip
        self._open(_TAB_OF["light_curves"])

    def show_image(self, image: SkyImage) -> None:
        """Show an image and its catalogue."""
        view = SkyView(
            image,
            on_source=self._source_clicked,
            on_place=self.table.add_at,
            on_view=self._actions.on_view,
        )
        if self.sky_view is not None:
            view.show_regions(self.sky_view.regions.regions)  # they belong to any image
        view.restore(self._wanted.pop("image", {}))
        self.sky_view = view
        self.table.show(image.catalog)
        windows = image.observation.science_windows
        which = "science windows" if len(windows) > 1 else "times"
        hint = quiet(f"Click a source to get its spectrum from the same {which}.")
        files = self._files(image, lambda: view.paper_options)
        both = HBox([VBox([view, hint, files]), self.table])
        both.add_class("oda-side-by-side")
        self._sky.children = (self.origins["image"], both)
        self._open(_TAB_OF["image"])

    def show_spectra(self, spectra: BySource[Spectrum], name: str) -> None:
        """Show spectra, that of one source first."""
        wanted = self._wanted.pop("spectra", {})
        if not wanted:
            self._wanted.pop(_FIT, None)  # its spectra are no longer on their way

        def draw(chosen: str) -> VBox:
            self._note_source("spectra", chosen)
            place, one = VBox(), spectra[chosen]
            self.spectrum_tools.use(one, lambda: self._fill_spectrum(place, one))
            self._fill_spectrum(place, one)
            return place

        views = with_source_menu(spectra, wanted.get("source", name), draw)
        if self.spectrum_view is not None:
            self.spectrum_view.restore(wanted)
        self._spectrum.children = (self.origins["spectra"], *views, self.spectrum_tools)
        self._open(_TAB_OF["spectra"])

    def show_sources(self, catalog: SourceCatalog) -> None:
        """Show another catalogue in the table and in the image."""
        self.table.show(catalog)
        if self.sky_view is not None:
            self.sky_view.show_catalog(catalog)

    def show_catalog(self) -> None:
        """Open the tab with the table of the catalogue."""
        self.selected_index = _TAB_OF["image"]

    def show_windows(self) -> None:
        """Open the map of science windows."""
        self.selected_index = _WINDOWS

    def follow_form(self) -> None:
        """Update the science windows or the survey for the form, if their tab is open."""
        if self.selected_index == _WINDOWS:
            self._windows.refresh()
        elif self.selected_index == _SURVEY:
            self.survey.refresh()

    def show_history(self, product: Shown) -> None:
        """Show the provenance of a product."""
        self._latest = product
        if product.provenance is None:
            self._history.children = (empty_place("This product has no record of its provenance."),)
        else:
            self._history.children = (HistoryView(product.provenance, title(product)),)
        self.selected_index = _HISTORY

    def show_plan(self, plan: Plan) -> None:
        """Show the steps of a plan."""
        self._history.children = (HistoryView(plan, "Plan"),)
        self.selected_index = _HISTORY

    def zoom_to(self, intervals: Sequence[TimeInterval]) -> None:
        """Show the part of the light curve from the first interval to the last."""
        if self.curve_view is not None and intervals:
            first, last = min(one.start for one in intervals), max(one.stop for one in intervals)
            margin = _BESIDE * (last - first)
            self.curve_view.zoom(first - margin, last + margin)

    def highlight(self, name: str) -> None:
        """Mark a source in the image and in the table."""
        self.table.highlight(name)
        if self.sky_view is not None:
            self.sky_view.highlight(name)

    def _fill_curve(self, place: VBox, curve: LightCurve) -> None:
        """Draw a light curve as the tools below it say."""
        shown, options = self.curve_tools.drawn(curve)
        old = self.curve_view
        view = LightCurveView(
            shown, on_select=self._actions.on_select, on_view=self._actions.on_view, **options
        )
        if old is not None:
            view.select(old.intervals)
            if place.children:  # the same light curve in other bins
                view.restore(old.kept)
        self.curve_view = view
        self.bursts.use(shown, view)
        files = self._files(shown, lambda: {**options, "time": view.time.value})
        place.children = (view, files)

    def _fill_spectrum(self, place: VBox, spectrum: Spectrum) -> None:
        """Draw a spectrum, and beside it those that are chosen below."""
        others = self.spectrum_tools.chosen
        old = self.spectrum_view
        view = SpectrumView(spectrum, others=others, on_view=self._actions.on_view)
        if old is not None and place.children:
            view.restore({**old.kept, "zoom": ""})
        self.spectrum_view = view
        curve = button("Light curve", f"Light curve of {spectrum.name}", "oda-chip")
        curve.on_click(lambda _button: self._actions.on_light_curve(spectrum.name))
        files = self._files(spectrum, lambda: {"others": others} if others else {})
        files.children = (curve, *files.children)
        place.children = (view, files, self._fit_launcher((spectrum, *others), view))

    def _fit_launcher(self, spectra: Sequence[Spectrum], view: SpectrumView) -> FitLauncher:
        """Return the fit button of spectra; open, if their fit was open here or in the session."""

        def hide() -> None:
            view.layout.display = "none"

        old, fit = self._fit, FitLauncher(spectra, hide, self._actions.on_view)
        self._fit = fit
        if old is not None and old.kept and old.suits_spectra(spectra):
            fit.take(old)
        elif fit.suits(self._wanted.get(_FIT, {})):
            fit.begin(self._wanted.pop(_FIT))
        return fit

    def _note_source(self, kind: str, source: str) -> None:
        self._chosen[kind] = source
        self._actions.on_view()

    def _open(self, tab: int) -> None:
        if self._opens:
            self.selected_index = tab

    def _files(
        self, product: Shown, paper_options: Callable[[], dict[str, Any]] = dict
    ) -> ProductFiles:
        """Return the downloads of a product that is being shown."""
        self._latest = product
        self._history.children = ()
        return ProductFiles(product, lambda: self.show_history(product), paper_options)

    def _tab_changed(self) -> None:
        """Draw the slow parts only when their tab is opened: provenance, and map of windows."""
        self.follow_form()
        self._actions.on_view()
        if self.selected_index == _HISTORY and not self._history.children and self._latest:
            self.show_history(self._latest)

    def _source_clicked(self, name: str) -> None:
        self.highlight(name)
        self._actions.on_source(name)

    def _catalog_edited(self, catalog: SourceCatalog) -> None:
        if self.sky_view is not None:
            self.sky_view.show_catalog(catalog)
        self._actions.on_catalog(catalog)
