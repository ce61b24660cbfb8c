"""The question in the making: what to ask, of which source, when, at which energies."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, VBox

from oda_widgets.analysis.plan import Plan
from oda_widgets.errors import EmptySelection, OdaError
from oda_widgets.panels.card import button
from oda_widgets.panels.energies import EnergiesPanel
from oda_widgets.panels.plan import PlanLine
from oda_widgets.panels.product import ProductPanel
from oda_widgets.panels.source import SourcePanel
from oda_widgets.panels.stage import Stage
from oda_widgets.panels.times import Intervals, TimesPanel
from oda_widgets.panels.windows import WindowsPanel
from oda_widgets.request.catalog import CatalogSource, SourceCatalog
from oda_widgets.request.python_call import script
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, Query, SpectrumQuery
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.source import Source

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site

_ACROSS = 30.0  # degrees, the diagonal of the field of view


class Form(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """The panels that together hold a question.

    Parameters
    ----------
    site
        Who resolves names and finds science windows.
    on_submit
        Called when the button is pressed.
    on_times
        Called when intervals were typed or cleared.
    job
        The panel that follows jobs, below the button.
    stage
        Where the plan, which is made in the background, is shown.
    on_plan
        Called with the plan when its steps are wanted.
    """

    def __init__(
        self,
        site: Site,
        on_submit: Callable[[], object],
        on_times: Callable[[Intervals], object],
        job: Any,
        stage: Stage,
        on_plan: Callable[[Plan], object],
    ) -> None:
        self._table = SourceCatalog()
        self._on_times = on_times
        self.source = SourcePanel(site, self._source_changed)
        self.windows = WindowsPanel(site, lambda _ids: self._windows_changed())
        self.energies = EnergiesPanel(self.refresh)
        self.times = TimesPanel(self._times_changed)
        self.submit_button = button("Submit", "Ask this question", "oda-primary", "oda-wide")
        self.submit_button.on_click(lambda _button: on_submit())
        self.code = CodePanel()
        self.plan = PlanLine(site.plan, stage, on_plan)
        below = (self.plan, self.submit_button, job, self.code)
        self.product = ProductPanel(self.refresh, *below)
        super().__init__([self.source, self.windows, self.energies, self.times, self.product])
        self.add_class("oda-left")

    @property
    def catalog(self) -> SourceCatalog:
        """The ticked sources of the table, and the source if it is not in the table."""
        source = self.source.value
        if source is None or source.name in self._table.names:
            return self._table.selected
        return self._table.selected.add(CatalogSource(source.name, source.ra, source.dec))

    def use_catalog(self, catalog: SourceCatalog) -> None:
        """Fit the sources of a catalogue in the next question."""
        self._table = catalog
        self.refresh()

    def use_times(self, intervals: Intervals, zero: float | None = None) -> None:
        """Restrict the next question in time; `zero` (IJD) is where seconds count from."""
        self.times.show(intervals, zero)
        self.refresh()

    def query(self) -> Query:
        """Return the question.

        Raises
        ------
        OdaError
            If a panel holds something that cannot be asked.
        """
        makers: dict[str, Callable[[], Query]] = {
            "image": self.image_query,
            "spectra": self.spectrum_query,
            "light_curves": self.light_curve_query,
        }
        return makers[self.product.value]()

    def image_query(self) -> ImageQuery:
        """Return the question for an image of the selected seconds."""
        return ImageQuery(
            science_windows=self._windows(),
            energy=self.energies.value,
            source=self.source.value,
            intervals=self.times.value,
            detection_threshold=self.product.threshold.value,
            instrument=self.energies.instrument.value,
        )

    def spectrum_query(self) -> SpectrumQuery:
        """Return the question for spectra of the selected seconds."""
        return SpectrumQuery(
            science_windows=self._windows(),
            catalog=self.catalog,
            intervals=self.times.value,
            instrument=self.energies.instrument.value,
        )

    def light_curve_query(self) -> LightCurveQuery:
        """Return the question for light curves, always over all good time: they are brushed."""
        return LightCurveQuery(
            science_windows=self._windows(),
            catalog=self.catalog,
            energy=self.energies.value,
            time_bin=self.product.time_bin.value,
            instrument=self.energies.instrument.value,
        )

    def use_source(self, source: Source, found: ScienceWindowList) -> None:
        """Ask about a source, in the science windows found around it."""
        self.windows.source = source
        self.source.show(source)
        self.windows.show(found)
        self.times.show(self.times.value, zero=found[0].start)
        self.refresh()

    def first_query(self, source: Source, found: ScienceWindowList) -> LightCurveQuery:
        """Return the question for the light curve of a source, before the panels show it."""
        return LightCurveQuery(
            science_windows=found.ids,
            catalog=SourceCatalog.of([CatalogSource(source.name, source.ra, source.dec)]),
            energy=self.energies.value,
            time_bin=self.product.time_bin.value,
            instrument=self.energies.instrument.value,
        )

    def refresh(self) -> None:
        """Show the Python and the plan of the question, or why there is none yet."""
        try:
            query = self.query()
        except OdaError as error:
            self.code.explain(error.problem)
            self.plan.explain(error.problem)
        else:
            self.code.show(query)
            self.plan.ask(query)

    def _source_changed(self, source: Source) -> None:
        self.windows.source = source
        self._table = _within_reach(self._table, source)
        found = self.windows.search()
        self._times_changed(_within_time(self.times.value, found))

    def _windows_changed(self) -> None:
        """Count seconds from the first window that is chosen."""
        first = self.windows.first
        if first is not None:
            self.times.show(self.times.value, zero=first.start)
        self.refresh()

    def _times_changed(self, intervals: Intervals) -> None:
        if intervals != self.times.value:
            self.times.show(intervals)
        self.refresh()
        self._on_times(intervals)

    def _windows(self) -> tuple[str, ...]:
        chosen = self.windows.value
        if not chosen:
            problem = "No science window is chosen."
            advice = "Name a source and press Resolve, or choose some in the list."
            raise EmptySelection(problem, advice)
        return chosen


class CodePanel(HTML):  # type: ignore[misc]  # ipywidgets publishes no types
    """A folded area with the Python of the next question; a click selects all of it."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.add_class("oda-code")

    def show(self, query: Query) -> None:
        """Show the Python that asks a question."""
        self.text = script(query)
        self.value = (
            "<details><summary>Python</summary>"
            f'<pre tabindex="0" title="Click to select all">{escape(self.text)}</pre></details>'
        )

    def explain(self, problem: str) -> None:
        """Say why there is no question yet."""
        self.text = ""
        self.value = f"<details><summary>Python</summary><pre># {escape(problem)}</pre></details>"


def _within_reach(catalog: SourceCatalog, source: Source) -> SourceCatalog:
    """Return the sources that a window may see together with another source."""
    place = CatalogSource(source.name, source.ra, source.dec)
    return SourceCatalog(tuple(s for s in catalog if s.separation(place) < _ACROSS))


def _within_time(intervals: Intervals, windows: ScienceWindowList) -> Intervals:
    """Return the intervals that overlap any of the windows."""
    return tuple(
        interval
        for interval in intervals
        if any(w.start < interval.stop and interval.start < w.stop for w in windows)
    )
