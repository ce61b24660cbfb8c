"""The survey on the page: started for the windows of the form, watched while its sky grows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from ipywidgets import HTML, VBox

from oda_widgets.analysis.plan import Plan
from oda_widgets.backend.job import FINAL, JobStatus
from oda_widgets.backend.survey import SurveyJob
from oda_widgets.errors import OdaError
from oda_widgets.lookup.healpix import galactic
from oda_widgets.panels.card import button, card, quiet, row
from oda_widgets.panels.files import downloads
from oda_widgets.panels.plan import PlanLine
from oda_widgets.panels.stage import Stage
from oda_widgets.products.all_sky import AllSky
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.survey_query import AnyQuery, SurveyQuery
from oda_widgets.request.words import counted, significance_text, typeset, with_error
from oda_widgets.views.message import Message
from oda_widgets.views.row_table import Row, RowTable
from oda_widgets.views.sky.all_sky import AllSkyView

_COLUMNS = ("Source", "l (deg)", "b (deg)", "Significance (σ)", "Flux (counts/s)", "Kind")
_SOURCE = "Resolve"
_HOW = (
    "A survey adds up the science windows of the form on the whole sky, one after the other, in the"
    " band of the form. One that was stopped goes on from there."
)
_STEM = "survey"


class SurveyPanel(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Starts surveys, and shows the sky of the latest while it grows.

    Parameters
    ----------
    query
        Returns the survey of the windows and the band of the form.
    plan
        Returns the plan of a query; called in a background thread.
    on_start
        Called when the button is clicked.
    on_plan
        Called with the plan when its steps are to be shown.
    on_source
        Called with the name of a source that the form is to use.
    stage
        Makes the changes that come from background threads.
    """

    def __init__(
        self,
        query: Callable[[], SurveyQuery],
        plan: Callable[[AnyQuery], Plan],
        *,
        on_start: Callable[[], object],
        on_plan: Callable[[Plan], object],
        on_source: Callable[[str], object],
        stage: Stage,
    ) -> None:
        self.view: AllSkyView | None = None
        self._query, self._on_source = query, on_source
        self._job: SurveyJob | None = None
        self._shown: AllSky | None = None
        self._planned: SurveyQuery | None = None
        self.message = Message()
        self.heading, self.state = HTML(), HTML()
        for text in (self.heading, self.state):
            text.add_class("oda-selection")
        self.plan = PlanLine(plan, stage, on_plan, self._disable_start)
        self.start_button = button("Start survey", "Add these windows up", "oda-primary")
        self.start_button.on_click(lambda _button: on_start())
        self.cancel_button = button("Cancel", "Stop; what was added stays", "oda-chip")
        self.cancel_button.on_click(lambda _button: self.cancel())
        self._place = VBox()
        self.table = RowTable("Sources of the survey", _COLUMNS, on_act=self._resolve)
        self._explanation = quiet(_HOW)
        begin = row(self.heading, self.start_button, self.cancel_button)
        start = card("Survey", self._explanation, begin, self.plan, self.message)
        super().__init__([start, self.state, self._place])
        self.add_class("oda-survey")
        self._show_state()
        self.refresh()

    def refresh(self) -> None:
        """Show the windows, the band and the plan of a survey of the form, or why there is none."""
        try:
            query = self._query()
        except OdaError as error:
            self._planned = None
            self.heading.value = ""
            self.plan.explain(error)
            self.start_button.disabled = True
            return
        self.start_button.disabled = False
        number = counted(len(query.science_windows), "science window")
        self.heading.value = f"<b>{escape(number)}</b> · {escape(str(query.energy))}"
        if query != self._planned:
            self._planned = query
            self.plan.update(query)

    def follow(self, job: SurveyJob) -> None:
        """Show how far a survey is, unless a later one is on show."""
        if self._job is not None and job.submitted < self._job.submitted:
            return
        if job is not self._job:
            self._job, self._shown = job, None
        if job.sky is not None and job.sky is not self._shown:
            self.show(job.sky)
        self._show_state()
        if job.status in FINAL:
            self._planned = None  # plan anew: less is left to do
            self.refresh()

    def show(self, sky: AllSky) -> None:
        """Show a sky and its sources."""
        self._shown = sky
        simulated = sky.observation.simulated
        if self.view is None or self.view.sky.observation.simulated != simulated:
            self.view = AllSkyView(sky)
            self._place.children = (self.view, self._files(), card("Sources", self.table))
        else:
            self.view.show(sky)
        self.table.show(_rows(sky.catalog))
        self._explanation.layout.display = "none"  # it is known by now, and the sky needs the room

    def cancel(self) -> None:
        """Stop the survey on show; what was added stays."""
        if self._job is not None:
            self._job.cancel()

    def _disable_start(self) -> None:
        self.start_button.disabled = True

    def _show_state(self) -> None:
        job, sky = self._job, self._shown
        running = job is not None and job.status not in FINAL
        self.cancel_button.layout.display = "" if running else "none"
        parts = [] if job is None else [_progress_text(job, sky)]
        if sky is not None:
            parts += [f"{100 * sky.covered:.1f} % of the sky", _sources(sky)]
            if sky.observation.simulated:
                parts.insert(0, '<b class="oda-simulated">SIMULATED</b>')
        self.state.value = f'<span role="status">{" · ".join(parts)}</span>'

    def _files(self) -> Any:
        """Return the downloads of the sky on show."""
        buttons = row(*downloads(_STEM, lambda: self._on_show))
        buttons.add_class("oda-controls")
        return buttons

    @property
    def _on_show(self) -> AllSky:
        assert self._shown is not None  # noqa: S101 - the buttons are made with the first sky
        return self._shown

    def _resolve(self, name: str, _action: str) -> None:
        self._on_source(name)


def _progress_text(job: SurveyJob, sky: AllSky | None) -> str:
    """Return how many windows were added, of how many, and whether the survey has ended."""
    total, added = len(job.query.science_windows), 0
    if sky is not None:
        added = len(sky.observation.science_windows)
    words = f"<b>{added:,} of {total:,}</b> science windows added"
    if job.status is JobStatus.CANCELLED:
        return f"{words}; stopped, and goes on when it is started again"
    if job.status is JobStatus.FAILED:
        return f"{words}; failed"
    return words


def _sources(sky: AllSky) -> str:
    new = len(sky.candidates)
    known = counted(len(sky.catalog) - new, "known source")
    return f"{known}, {counted(new, 'candidate')}" if new else known


def _rows(sources: Iterable[CatalogSource]) -> list[Row]:
    return [_row(one) for one in sorted(sources, key=lambda source: -source.significance)]


def _row(source: CatalogSource) -> Row:
    longitude, latitude = (float(angle) for angle in galactic(source.ra, source.dec))
    flux = typeset(with_error(source.flux, source.flux_error))
    return Row(
        source.name,
        (
            source.name,
            (f"{longitude:.2f}", longitude),
            (f"{latitude:+.2f}".replace("-", "\N{MINUS SIGN}"), latitude),
            (significance_text(source.significance), source.significance),
            (flux, source.flux),
            "candidate" if source.new else "known",
        ),
        () if source.new else (_SOURCE,),
    )
