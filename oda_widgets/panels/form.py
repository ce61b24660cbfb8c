"""The form of a query: source, science windows, energies, times and product."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

from ipywidgets import HTML, VBox

from oda_widgets.analysis.plan import Plan
from oda_widgets.errors import BadParameter, OdaError
from oda_widgets.panels.card import button
from oda_widgets.panels.catalogue import CataloguePanel
from oda_widgets.panels.energies import EnergiesPanel
from oda_widgets.panels.plan import PlanLine
from oda_widgets.panels.product import ProductPanel
from oda_widgets.panels.source import SourcePanel
from oda_widgets.panels.stage import Stage
from oda_widgets.panels.time_bin import suitable_time_bin, time_bin_of_span
from oda_widgets.panels.times import Intervals, TimesPanel
from oda_widgets.panels.windows import WindowsPanel
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.instruments import described
from oda_widgets.request.python_call import script
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, Query, SpectrumQuery
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.source import Source
from oda_widgets.request.survey_query import AnyQuery, SurveyQuery
from oda_widgets.views.field_words import in_field_words
from oda_widgets.views.muted import Muted

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site

_Made = TypeVar("_Made")


class Form(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """The panels of a query; Submit is off while their contents are not a valid query.

    Parameters
    ----------
    site
        Resolves names and finds science windows.
    on_submit
        Called when the button is clicked.
    on_times
        Called when intervals were typed or cleared.
    on_change
        Called after each change of the query, when the form shows whether it is valid.
    on_edit_catalog
        Called when the table of the catalogue is to be opened.
    on_plan
        Called with the plan when its steps are to be shown.
    jobs
        The list of jobs, shown below the button.
    stage
        Makes the changes that come from background threads.
    """

    def __init__(
        self,
        site: Site,
        *,
        on_submit: Callable[[], object],
        on_times: Callable[[Intervals], object],
        on_change: Callable[[], object],
        on_edit_catalog: Callable[[], object],
        on_plan: Callable[[Plan], object],
        jobs: Any,
        stage: Stage,
    ) -> None:
        self._on_times, self._on_change = on_times, on_change
        self.muted = Muted()
        self.source = SourcePanel(site, self._source_changed)
        self.windows = WindowsPanel(site, self._windows_changed, stage)
        self.energies = EnergiesPanel(self.refresh, self._instrument_changed)
        self.times = TimesPanel(self._times_changed)
        self.catalogue = CataloguePanel(self.refresh, on_edit_catalog)
        self.submit_button = button("Submit", "Submit this query", "oda-primary", "oda-wide")
        self._refreshing = RLock()
        self.submit_button.on_click(lambda _button: on_submit())
        self.code = CodePanel()
        self.plan = PlanLine(site.plan, stage, on_plan, self._disable_submit)
        below = (self.plan, self.submit_button, jobs, self.code)
        self.product = ProductPanel(self.refresh, self.catalogue, *below)
        super().__init__([self.source, self.windows, self.energies, self.times, self.product])
        self.add_class("oda-left")

    @property
    def catalog(self) -> SourceCatalog:
        """The sources that spectra and light curves are fitted with."""
        if not self.energies.described.sources:
            return SourceCatalog()
        return self.catalogue.read(self.source.read())

    @property
    def source_name(self) -> str:
        """Name of the source, or of an instrument that sees the whole sky; empty without any."""
        if not self.energies.described.sources:
            return self.energies.described.label
        return "" if self.source.value is None else self.source.value.name

    @property
    def pending(self) -> bool:
        """Whether windows are being searched and the rest of the form is valid."""
        return self.windows.searching and _if_valid(self._read_rest) is not None

    def use_catalog(self, catalog: SourceCatalog, origin: str) -> None:
        """Fit the sources of a catalogue in the next query; `origin` says where it is from."""
        self.catalogue.use(catalog, origin)
        self.refresh()

    def edit_catalog(self, catalog: SourceCatalog) -> None:
        """Fit the sources of the catalogue as it was edited."""
        self.catalogue.edit(catalog)
        self.refresh()

    def refuse_catalog(self, problem: OdaError) -> None:
        """Hold no query until a mistake in the table of the catalogue is corrected."""
        self.catalogue.refuse(problem)
        self.refresh()

    def use_times(self, intervals: Intervals, zero: float | None = None) -> None:
        """Restrict the next query in time; seconds count from `zero` (IJD)."""
        self.times.show(intervals, zero)
        self.refresh()

    def use_source(self, source: Source, found: ScienceWindowList) -> None:
        """Use a source and the science windows found around it."""
        with self.muted:
            self._search_around(source)
            self.source.show(source)
            self.windows.show(found)
        self.refresh()

    def show(
        self, query: AnyQuery, source: Source | None, windows: ScienceWindowList, origin: str
    ) -> None:
        """Show a query in the panels, so that it can be changed and submitted again.

        Parameters
        ----------
        query, source, windows
            The query, with more about its source and windows than it holds itself.
        origin
            Where it comes from, such as "the link".
        """
        with self.muted:
            self.energies.use_instrument(query.instrument)
            self._search_around(source)
            self.source.show(source)
            self.windows.show_query(windows, query.intervals)
            if isinstance(query, ImageQuery | LightCurveQuery | SurveyQuery):
                self.energies.choose(query.energy)
            self.product.show(query)
            self.times.show(() if self.windows.intervals else query.intervals)
            self.catalogue.use(query.catalog, f"from {origin}")
        self.refresh()

    def query(self) -> Query:
        """Return the query.

        Raises
        ------
        OdaError
            If a panel holds something that is not valid.
        """
        return self._makers[self.product.value]()

    def queries(self) -> dict[str, AnyQuery | None]:
        """Return the query of each kind of product; None where the form holds none."""
        makers: dict[str, Callable[[], AnyQuery]] = {**self._makers, "survey": self.survey_query}
        return {kind: _if_valid(make) for kind, make in makers.items()}

    def image_query(self) -> ImageQuery:
        """Return the query for an image of the selected times."""
        return ImageQuery(
            science_windows=self.windows.value,
            energy=self.energies.value,
            source=self.source.read(),
            intervals=self.times.value,
            detection_threshold=self.product.threshold.read(),
            instrument=self.energies.instrument.value,
        )

    def spectrum_query(self) -> SpectrumQuery:
        """Return the query for spectra of the selected times."""
        return SpectrumQuery(
            science_windows=self.windows.value,
            catalog=self.catalog,
            intervals=self.times.value,
            instrument=self.energies.instrument.value,
        )

    def light_curve_query(self) -> LightCurveQuery:
        """Return the query for light curves: over all good time, so that times can be brushed."""
        return LightCurveQuery(
            science_windows=self.windows.value,
            catalog=self.catalog,
            energy=self.energies.value,
            time_bin=self.product.time_bin.read(),
            intervals=self.windows.intervals,
            instrument=self.energies.instrument.value,
        )

    def survey_query(self) -> SurveyQuery:
        """Return the query for a survey of the windows, in the band of the form.

        Raises
        ------
        BadParameter
            If the instrument is not the one of surveys.
        OdaError
            If a panel holds something that is not valid.
        """
        surveyor, instrument = described(SurveyQuery.instrument), self.energies.described
        if instrument.name != surveyor.name:
            limit = f"surveys are made of {surveyor.label}"
            advice = f"Choose {surveyor.label} in the form."
            raise BadParameter("instrument", instrument.label, limit, advice)
        return SurveyQuery(science_windows=self.windows.value, energy=self.energies.value)

    def first_query(self, source: Source, found: ScienceWindowList) -> LightCurveQuery:
        """Return the query for the light curve of a source before the panels show it."""
        suitable = suitable_time_bin(source, found)
        chosen = self.product.time_bin_chosen
        return LightCurveQuery(
            science_windows=found.ids,
            catalog=SourceCatalog.of([source]),
            energy=self.energies.value,
            time_bin=self.product.time_bin.read() if chosen else suitable,
            instrument=self.energies.instrument.value,
        )

    def refresh(self) -> None:
        """Show the Python and the plan of the query, or why there is none and Submit is off.

        It runs in turns, because the search for windows ends in a thread of its own.
        """
        if self.muted:
            return
        with self._refreshing:
            self._refresh()
        self._on_change()

    def _refresh(self) -> None:
        self.catalogue.show(self.source.value)
        self.times.use_for(self.product.value)
        try:
            query = self.query()
        except OdaError as error:
            self.code.explain(error)
            self.plan.explain(error)
            self.submit_button.disabled = True
        else:
            self.code.show(query)
            self.plan.update(query)
            self.submit_button.disabled = False

    def _disable_submit(self) -> None:
        """Turn Submit off for a query that has no plan because it cannot be answered."""
        self.submit_button.disabled = True

    @property
    def _makers(self) -> Mapping[str, Callable[[], Query]]:
        return {
            "image": self.image_query,
            "spectra": self.spectrum_query,
            "light_curves": self.light_curve_query,
        }

    def _read_rest(self) -> tuple[Any, ...]:
        """Return the contents of all panels but that of the windows.

        Raises
        ------
        OdaError
            If a panel holds something that is not valid.
        """
        parts = (self.source.read(), self.catalog, self.energies.value, self.times.value)
        return (*parts, self.product.read())

    def _source_changed(self, source: Source | None) -> None:
        """Find the windows around another source; keep the times and sources that suit it."""
        self._search_around(source, self.source.text)
        if source is None:
            self.windows.search_soon()
            return
        self.catalogue.limit_to(source)
        found = self.windows.search()
        if len(found):
            self._times_changed(_within_time(self.times.intervals, found))

    def _search_around(self, source: Source | None, name: str = "") -> None:
        """Search windows around a source, or everywhere; not while only its name is known."""
        self.windows.source = source
        self.windows.unresolved = name if source is None else ""

    def _instrument_changed(self) -> None:
        """Offer the products of another instrument, and keep the windows in which it was on."""
        self.source.use_instrument(self.energies.described)
        self.product.use_instrument(self.energies.described)
        self.windows.use_instrument(self.energies.described)
        if not self.muted:
            self.windows.keep()

    def _windows_changed(self) -> None:
        """Adapt bin width and times to the chosen windows."""
        if self.windows.intervals:
            seconds = sum(interval.seconds for interval in self.windows.intervals)
            self.product.suggest_time_bin(time_bin_of_span(seconds))
        elif self.windows.found is not None:
            suitable = suitable_time_bin(self.windows.source, self.windows.found)
            self.product.suggest_time_bin(suitable)
        span = self.windows.span
        if span is not None:
            self.times.follow_windows(*span)
        elif self.windows.found is not None:
            self.times.forget_zero()  # it belongs to other windows
        self.refresh()

    def _times_changed(self, intervals: Intervals) -> None:
        if intervals != self.times.intervals:
            self.times.show(intervals)
        self.refresh()
        self._on_times(intervals)


class CodePanel(HTML):  # type: ignore[misc]  # ipywidgets publishes no types
    """A folded area with the Python of the query; a click selects all of it."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.add_class("oda-code")

    def show(self, query: Query) -> None:
        """Show the Python that submits a query."""
        self.text = script(query)
        self.value = (
            "<details><summary>Python</summary>"
            f'<pre tabindex="0" title="Click to select all">{escape(self.text)}</pre></details>'
        )

    def explain(self, problem: OdaError) -> None:
        """Show why the form has no query."""
        self.text = ""
        text = escape(in_field_words(problem.problem))
        self.value = f"<details><summary>Python</summary><pre># {text}</pre></details>"


def _if_valid(make: Callable[[], _Made]) -> _Made | None:
    try:
        return make()
    except OdaError:
        return None


def _within_time(intervals: Intervals, windows: ScienceWindowList) -> Intervals:
    """Return the intervals that overlap any of the windows."""
    return tuple(
        interval
        for interval in intervals
        if any(w.start < interval.stop and interval.start < w.stop for w in windows)
    )
