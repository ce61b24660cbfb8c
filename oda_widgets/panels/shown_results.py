"""The results on show: which job each tab shows, and views that agree with the form."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import TYPE_CHECKING, Any

from oda_widgets.backend.job import Job
from oda_widgets.panels.form import Form
from oda_widgets.panels.job import JobPanel
from oda_widgets.panels.navigation import Navigation
from oda_widgets.panels.query_text import account_of_origin, kind_of
from oda_widgets.panels.session import FROM_IMAGE, FormState, OnShow, Session
from oda_widgets.panels.times import Intervals
from oda_widgets.views.message import shown_in

if TYPE_CHECKING:
    from oda_widgets.panels.exported_fit import ExportedFit
    from oda_widgets.panels.results import Results


class ShownResults:
    """Shows results of jobs, one for each kind of product, and keeps views and form in step.

    Parameters
    ----------
    form, jobs
        The form and the jobs of the page.
    navigation
        Decides whether a result opens its tab.
    make_views
        Returns the views, which are made when they are first needed.

    Attributes
    ----------
    jobs
        The job whose result is on show, by kind of product.
    """

    def __init__(
        self,
        form: Form,
        jobs: JobPanel,
        navigation: Navigation,
        make_views: Callable[[], Results],
    ) -> None:
        self.jobs: dict[str, Job] = {}
        self._form, self._panel, self._navigation = form, jobs, navigation
        self._make_views = make_views
        self._views: Results | None = None
        self._lock = RLock()

    @property
    def views(self) -> Results:
        """The tabs with the views; made when they are first needed."""
        with self._lock:
            if self._views is None:
                self._views = self._make_views()
            return self._views

    @property
    def state(self) -> OnShow:
        """The jobs on show, the open tab and the controls below the products, for a session."""
        jobs = list(self._panel.jobs)
        shown = tuple((kind, jobs.index(job)) for kind, job in self.jobs.items() if job in jobs)
        if self._views is None:
            return OnShow(shown)
        tools = tuple((kind, tools.state) for kind, tools in self._views.tools.items())
        views = tuple((kind, tuple(kept.items())) for kind, kept in self._views.kept.items())
        return OnShow(shown, self._views.selected_index or 0, tools, views)

    @property
    def products(self) -> list[tuple[Any, str]]:
        """The results on show, each with the name of its source."""
        return [(job.result(), self._panel.target(job)) for job in self.jobs.values()]

    @property
    def exported_fit(self) -> ExportedFit | None:
        """The fit on show; None if there is none."""
        return None if self._views is None else self._views.exported_fit

    def show(self, job: Job) -> None:
        """Show the result of a job, that of its target first."""
        kind, origin = kind_of(job.query), job.query.identity
        if self._navigation.only_offers(job):
            self.views.offer(kind, job.result(), origin)
            return
        opens = self._navigation.opens_tab(job)
        with self._lock:
            self.jobs[kind] = job
            target = self._panel.target(job)
            self.views.show(kind, job.result(), target, opens=opens, origin=origin)
            if kind == "image" and opens:
                number = self._panel.number(job)
                self._form.use_catalog(self.views.catalog, f"{FROM_IMAGE} {number}")
            elif kind == "image":
                self.views.show_sources(self._form.catalogue.catalog)
            elif kind == "light_curves":
                self._follow_curve(rebases=opens)
        self._form.refresh()  # the store has more results now

    def offer(self, job: Job) -> None:
        """Offer the result of a job beside others of its kind; show the first of a kind."""
        kind = kind_of(job.query)
        with shown_in(self._panel.message):
            if kind in self.jobs:
                self.views.offer(kind, job.result(), job.query.identity)
            else:  # its tab would stay empty though there is something to see
                self._navigation.stay_in_tab(job)
                self.show(job)

    def restore(self, session: Session) -> None:
        """Set controls and views as a session kept them."""
        for kind, state in session.tools:
            if kind in self.views.tools:
                self.views.tools[kind].restore(state)
        self.views.restore({kind: dict(values) for kind, values in session.views})

    def open_tab(self, number: int) -> None:
        """Open a tab, counted from 0, if there are so many."""
        if number < len(self.views.children):
            self.views.selected_index = number

    def follow_session(self, state: FormState) -> None:
        """Show catalogue and times of a form that was drawn from the session."""
        if self._views is not None:
            if len(state.catalog):
                self._views.show_sources(state.catalog)
            self.mark_times(state.intervals)

    def follow_form(self) -> None:
        """Mark the results of other queries than that of the form, and update the views for it."""
        queries = self._form.queries() if self.jobs else {}
        for kind, job in self.jobs.items():
            target, source = self._panel.target(job), self._form.source_name
            text = account_of_origin(job.query, target, queries[kind], source)
            self.views.show_origin(kind, text)
        if self._views is not None:
            self._count_as_curve()
            self._views.follow_form()
            self._show_selection()  # its buttons depend on the instrument

    def follow_brush(self, intervals: Intervals) -> None:
        """Select the times of the brush; the light curve itself is already marked."""
        self._form.use_times(intervals)
        self._show_selection()

    def mark_times(self, intervals: Intervals) -> None:
        """Mark selected times on the light curve."""
        if self._views is not None:
            if self._views.curve_view is not None:
                self._views.curve_view.select(intervals)
            self._show_selection()

    def _show_selection(self) -> None:
        times, products = self._form.times, self._form.energies.described.products
        selected = bool(times.intervals)
        self.views.selection.show(times.summary, selected=selected, products=products)

    def _count_as_curve(self) -> None:
        """Count seconds as the light curve on show does, in place of the start of its window."""
        view, times, span = self.views.curve_view, self._form.times, self._form.windows.span
        if view is None or span is None or times.in_dates or times.zero != span[0]:
            return
        if span[0] < view.span[0] < span[1]:
            times.rebase(*view.span)

    def _follow_curve(self, *, rebases: bool) -> None:
        """Mark the selected times on a new light curve, and count seconds as it does.

        One that comes back with a session leaves the seconds as the form writes them.
        """
        view = self.views.curve_view
        if view is not None:
            if rebases:
                self._form.times.rebase(*view.span)
            view.select(self._form.times.intervals)
