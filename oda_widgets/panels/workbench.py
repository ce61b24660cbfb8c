"""The whole workflow on one page: panels on the left, views on the right."""

from __future__ import annotations

from pathlib import Path
from threading import RLock, Thread
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, HBox, VBox

from oda_widgets.backend.job import Job
from oda_widgets.errors import BadParameter, OdaError
from oda_widgets.panels.card import button, quiet
from oda_widgets.panels.code import CodePanel
from oda_widgets.panels.energies import EnergiesPanel
from oda_widgets.panels.guard import shown_in
from oda_widgets.panels.job import JobPanel
from oda_widgets.panels.product import ProductPanel
from oda_widgets.panels.results import Actions, Results
from oda_widgets.panels.source import SourcePanel
from oda_widgets.panels.times import Intervals, TimesPanel
from oda_widgets.panels.windows import WindowsPanel
from oda_widgets.products.image import SkyImage
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.catalog import CatalogSource, SourceCatalog
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, Query, SpectrumQuery
from oda_widgets.request.source import Source

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site

_PACKAGE = Path(__file__).parents[1]
_STYLES = (_PACKAGE / "views" / "pane.css", _PACKAGE / "panels" / "workbench.css")


class Workbench(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Ask a site for images, spectra and light curves, and look at them.

    Everything a control does is a method here: a script can press the same buttons.

    Parameters
    ----------
    site
        Who answers, from ``oda_widgets.connect()``.
    source
        Name to begin with.
    energy
        Band to begin with, keV.
    time_bin
        Length of the bins of the first light curve, seconds.

    Examples
    --------
    >>> bench = Workbench(site)                         # doctest: +SKIP
    >>> bench.select([("2022-10-12T15:33", "2022-10-12T15:34")])  # doctest: +SKIP
    >>> bench.image_selection().result()                # doctest: +SKIP
    """

    def __init__(
        self,
        site: Site,
        source: str = "SGR 1935+2154",
        energy: Any = (28, 150),
        time_bin: float = 1.0,
    ) -> None:
        self.site = site
        self._lock = RLock()
        self._wanted_source: str | None = None
        self._build()
        self.energies.choose(energy)
        self.product.time_bin.value = time_bin
        super().__init__([_style(), _header(site), self._columns()])
        self.add_class("oda-workbench")
        # The page appears first, the light curve as soon as it is there.
        Thread(target=self.begin, args=(source,), name="oda-begin", daemon=True).start()

    def begin(self, name: str) -> None:
        """Resolve a source, find its windows and ask for its light curve."""
        with shown_in(self.source.message):
            self.source.resolve(name)
            self.light_curve()

    def query(self) -> Query:
        """Return the question that the panels hold.

        Raises
        ------
        OdaError
            If a panel holds something that cannot be asked.
        """
        makers = {
            "image": self._image_query,
            "spectra": self._spectrum_query,
            "light_curves": self._light_curve_query,
        }
        return makers[self.product.value]()

    def submit(self) -> Job:
        """Ask the question that the panels hold."""
        return self._ask(self.query())

    def select(self, intervals: Any) -> None:
        """Select seconds, as the brush and the list of intervals do."""
        self.times.choose(intervals)

    def image_selection(self) -> Job:
        """Ask for an image of the selected seconds."""
        self.product.kind.value = "image"
        return self.submit()

    def spectrum_of(self, name: str) -> Job:
        """Ask for the spectra of the selected seconds, and show that of one source."""
        self._wanted_source = name
        self.product.kind.value = "spectra"
        return self.submit()

    def light_curve(self) -> Job:
        """Ask for the light curve of the source, over all good time."""
        return self._ask(self._light_curve_query())

    def catalog(self) -> SourceCatalog:
        """Return the ticked sources of the table, and the source if it is not in the table."""
        known = self.results.catalog
        source = self.source.value
        if source is None or source.name in known:
            return known.selected
        return known.selected.add(CatalogSource(source.name, source.ra, source.dec))

    def show(self, job: Job) -> None:
        """Show what a job brought."""
        product = job.result()
        with self._lock:
            if isinstance(product, SkyImage):
                self.results.show_image(product)
            elif all(isinstance(item, Spectrum) for item in product.values()):
                self.results.show_spectra(product, self._wanted_source)
            else:
                self._show_curves(product)
            self._refresh()

    def _build(self) -> None:
        self.source = SourcePanel(self.site, self._source_changed)
        self.windows = WindowsPanel(self.site, lambda _ids: self._refresh())
        self.energies = EnergiesPanel(self._refresh)
        self.times = TimesPanel(self._times_changed)
        self.submit_button = button("Submit", "Ask this question", "oda-primary", "oda-wide")
        self.submit_button.on_click(lambda _button: self._try(self.submit))
        self.job = JobPanel(self.show)
        self.code = CodePanel()
        self.product = ProductPanel(self._refresh, self.submit_button, self.job, self.code)
        self.results = Results(
            Actions(
                on_select=self._brushed,
                image_seconds=lambda: self._try(self.image_selection),
                clear_seconds=self.times.clear,
                on_source=lambda name: self._try(lambda: self.spectrum_of(name)),
                on_catalog=lambda _catalog: self._refresh(),
            )
        )

    def _columns(self) -> HBox:
        left = VBox([self.source, self.windows, self.energies, self.times, self.product])
        left.add_class("oda-left")
        right = VBox([self.results])
        right.add_class("oda-right")
        body = HBox([left, right])
        body.add_class("oda-body")
        return body

    def _ask(self, query: Query) -> Job:
        job = self.site.submit(query)
        self.job.follow(job)
        return job

    def _try(self, act: Any) -> None:
        with shown_in(self.job.message):
            act()

    def _source_changed(self, source: Source) -> None:
        self.windows.source = source
        found = self.windows.search()
        if len(found):
            self.times.show(self.times.value, zero=found[0].start)

    def _brushed(self, intervals: Intervals) -> None:
        """Follow the brush; the light curve itself is already marked."""
        self.times.show(intervals)
        self._show_selection()

    def _times_changed(self, intervals: Intervals) -> None:
        if self.results.curve_view is not None:
            self.results.curve_view.select(intervals)
        self._show_selection()

    def _show_selection(self) -> None:
        selected = bool(self.times.value)
        self.results.selection.show(self.times.summary, selected=selected)
        self._refresh()

    def _show_curves(self, curves: Any) -> None:
        name = self.source.value.name if self.source.value else None
        self.results.show_curves(curves, name)
        view = self.results.curve_view
        if view is not None:
            self.times.show(self.times.value, zero=view.zero)
            view.select(self.times.value)

    def _refresh(self) -> None:
        """Show the Python of the question that the panels hold now."""
        try:
            self.code.show(self.query())
        except OdaError as error:
            self.code.explain(error.problem)

    def _image_query(self) -> ImageQuery:
        return ImageQuery(
            science_windows=self._windows(),
            energy=self.energies.value,
            source=self.source.value,
            intervals=self.times.value,
            detection_threshold=self.product.threshold.value,
            instrument=self.energies.instrument.value,
        )

    def _spectrum_query(self) -> SpectrumQuery:
        return SpectrumQuery(
            science_windows=self._windows(),
            catalog=self.catalog(),
            intervals=self.times.value,
            instrument=self.energies.instrument.value,
        )

    def _light_curve_query(self) -> LightCurveQuery:
        return LightCurveQuery(
            science_windows=self._windows(),
            catalog=self.catalog(),
            energy=self.energies.value,
            time_bin=self.product.time_bin.value,
            instrument=self.energies.instrument.value,
        )

    def _windows(self) -> tuple[str, ...]:
        chosen = self.windows.value
        if not chosen:
            limit = "no science window is chosen"
            raise BadParameter("science_windows", [], limit, "Find some, and choose in the list.")
        return chosen


def _style() -> HTML:
    sheets = "\n".join(path.read_text(encoding="utf-8") for path in _STYLES)
    style = HTML(f"<style>{sheets}</style>")
    style.layout.display = "none"
    return style


def _header(site: Site) -> HBox:
    name = HTML("<h1>INTEGRAL workbench</h1>")
    name.add_class("oda-title")
    header = HBox([name, quiet(site.name)])
    header.add_class("oda-header")
    return header
