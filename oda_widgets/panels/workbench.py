"""The whole workflow on one page: the form on the left, the results on the right."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock, Thread
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, HBox, VBox

from oda_widgets.analysis.plan import Plan
from oda_widgets.backend.job import Job
from oda_widgets.panels.card import quiet
from oda_widgets.panels.form import Form
from oda_widgets.panels.job import JobPanel
from oda_widgets.panels.opening import (
    first_source,
    link_of_kernel,
    linked_query,
    source_of,
    windows_of,
)
from oda_widgets.panels.query_text import account_of_origin, kind_of
from oda_widgets.panels.stage import Stage
from oda_widgets.panels.style import STYLED, style
from oda_widgets.panels.times import Intervals
from oda_widgets.panels.token import TokenPrompt
from oda_widgets.request.queries import Query
from oda_widgets.views.bokehjs import BokehLoader
from oda_widgets.views.message import shown_in

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site
    from oda_widgets.panels.results import Results
    from oda_widgets.request.science_windows import ScienceWindowList
    from oda_widgets.request.source import Source


class Workbench(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A form for queries and a view of their results.

    Everything a control does is a method here, so that a script can do it too.

    Parameters
    ----------
    site
        From ``oda_widgets.connect()``.
    source
        Name to begin with; by default that of the bundled bursts, or a bright one of the site.
    energy
        Band to begin with, keV.
    time_bin
        Bin width of the first light curve, seconds.

    Examples
    --------
    >>> bench = oda.Workbench(site)
    >>> bench.select([("2022-10-12T15:20:44", "2022-10-12T15:20:45")])
    """

    def __init__(
        self,
        site: Site,
        source: str | None = None,
        energy: Any = (28, 150),
        time_bin: float = 1.0,
    ) -> None:
        self.site = site
        self._lock = RLock()
        self._stage = Stage()
        self._link = link_of_kernel()
        self._results: Results | None = None
        self._refused = ""
        self._shown: dict[str, Job] = {}  # the job whose result each tab shows
        self.token = TokenPrompt(site.use_token, self._submit_again)
        self.job = JobPanel(self.show, self._stage, self.token.show_for)
        self._right = VBox([self.job.message, self.token, _placeholder()])
        self._right.add_class("oda-right")
        self.form = self._make_form()
        self.form.energies.choose(energy)
        self.form.product.time_bin.value = str(time_bin)
        loader = BokehLoader(on_shown=self.opened)
        loader.layout.display = "none"
        columns = _columns(self.form, self._right)
        super().__init__([style(), _header(site, self.job.running), columns, loader])
        self.add_class(STYLED)
        # The page appears first; the first light curve and the figures follow.
        _in_background(lambda: self.begin(source))
        _in_background(self._prepare_results)

    @property
    def results(self) -> Results:
        """The views; made when they are first needed."""
        with self._lock:
            if self._results is None:
                self._results = self._make_results()
                self._right.children = (self.job.message, self.token, self._results)
            return self._results

    def begin(self, name: str | None) -> None:
        """Submit the query of the link; without one, resolve a source and submit its light curve.

        The light curve is submitted only if the source was named, or has one science window.
        A source that the user has named meanwhile is left alone.
        """
        with shown_in(self.form.source.message, self._stage):
            if self._follow_link():
                return
            source, found = first_source(self.site, name)
            job = None
            if name is not None or len(found) == 1:
                # Submitted before the page is drawn, so that the result is there at once.
                job = self.site.submit(self.form.first_query(source, found))
            self._stage(lambda: self._start(source, found, job))

    def opened(self, link: str) -> None:
        """Open the stage, as the page is drawn, and submit the query of the page's link.

        The kernel may have been started before its page was known, and have begun without link.
        """
        self._stage.open()
        with self._lock:
            known, self._link = self._link, link.lstrip("?")
            changed = self._link != known
        if changed:
            _in_background(self._link_changed)

    def query(self) -> Query:
        """Return the query in the form.

        Raises
        ------
        OdaError
            If the form holds no valid query.
        """
        return self.form.query()

    def submit(self) -> Job:
        """Submit the query in the form; an equal query under way is followed instead."""
        return self._submit_form()

    def select(self, intervals: Any) -> None:
        """Select times, as the brush and the list of intervals do."""
        self.form.times.choose(intervals)

    def image_selection(self) -> Job:
        """Submit an image of the selected times."""
        return self._submit_form("image")

    def spectrum_of(self, name: str) -> Job:
        """Submit the spectra of the selected times, and show that of one source."""
        return self._submit_form("spectra", name)

    def light_curve_of(self, name: str) -> Job:
        """Submit light curves over all good time, and show that of one source."""
        return self._submit_form("light_curves", name)

    def light_curve(self) -> Job:
        """Submit the light curve of the source, over all good time."""
        return self._submit_form("light_curves")

    def show(self, job: Job) -> None:
        """Show the result of a job, that of its target first."""
        kind = kind_of(job.query)
        with self._lock:
            self._shown[kind] = job
            self.results.show(kind, job.result(), self.job.target(job))
            if kind == "image":
                self.form.use_catalog(self.results.catalog, f"from image {self.job.number(job)}")
            elif kind == "light_curves":
                self._curve_changed()
        self.form.refresh()  # what was computed is in the store now

    def _make_form(self) -> Form:
        return Form(
            self.site,
            on_submit=lambda: self._try(self.submit),
            on_times=self._times_changed,
            on_change=self._form_changed,
            on_edit_catalog=self._edit_catalog,
            on_plan=self._show_plan,
            jobs=self.job,
            stage=self._stage,
        )

    def _make_results(self) -> Results:
        from oda_widgets.panels.results import Actions, Results  # noqa: PLC0415 - heavy import

        return Results(
            Actions(
                on_select=self._brushed,
                image_selection=lambda: self._try(self.image_selection),
                clear_selection=self.form.times.clear,
                on_source=lambda name: self._try(lambda: self.spectrum_of(name)),
                on_light_curve=lambda name: self._try(lambda: self.light_curve_of(name)),
                on_catalog=self.form.edit_catalog,
                on_catalog_problem=self.form.refuse_catalog,
                resolve=self.site.resolve,
            )
        )

    def _prepare_results(self) -> None:
        """Import the libraries of the views while the page is being drawn."""
        import oda_widgets.panels.results  # noqa: F401, PLC0415 - heavy import

        self._stage(lambda: self.results)

    def _start(self, source: Source, found: ScienceWindowList, job: Job | None) -> None:
        """Show the first source and follow its job, unless the user has named another."""
        if not self.form.source.name.value:
            self.form.use_source(source, found)
            if job is not None:
                self.job.follow(job, source.name)
        elif job is not None:
            job.cancel()

    def _link_changed(self) -> None:
        with shown_in(self.form.source.message, self._stage):
            self._follow_link()

    def _follow_link(self) -> bool:
        """Submit the query of the link of the page; return False if there is none."""
        query = linked_query(self.site, self._link)
        if query is None:
            return False
        for job in self.job.jobs:
            job.cancel()  # they were submitted without the link
        job = self.site.submit(query)
        source, windows = source_of(query), windows_of(query)
        self._stage(lambda: self.form.show(query, source, windows))
        self._stage(lambda: self.job.follow(job, "" if source is None else source.name))
        return True

    def _submit_form(self, kind: str | None = None, target: str | None = None) -> Job:
        """Submit the query in the form, for a product and a source to show first, if given.

        The latest result is shown first, as a script may have waited for it in this thread.
        """
        self.job.catch_up()
        if kind is not None:
            self.form.product.kind.value = kind
        if target is None:
            target = self.form.source.value.name if self.form.source.value is not None else ""
        return self._submit(self.form.query(), target)

    def _submit_again(self) -> None:
        """Submit the query that was refused for want of a token."""
        refused = self.job.jobs[-1]
        self._submit(refused.query, self.job.target(refused))

    def _submit(self, query: Query, target: str) -> Job:
        self.token.hide()
        job = self.job.under_way(query)
        if job is not None:
            self.job.choose(job)
            return job
        job = self.site.submit(query)
        self.job.follow(job, target)
        return job

    def _try(self, act: Callable[[], object]) -> None:
        """Do something, and show why it is refused until the form is changed."""
        with shown_in(self.job.message):
            act()
        self._refused = self.job.message.value

    def _brushed(self, intervals: Intervals) -> None:
        """Follow the brush; the light curve itself is already marked."""
        self.form.use_times(intervals)
        self._show_selection()

    def _times_changed(self, intervals: Intervals) -> None:
        if self._results is not None:
            if self.results.curve_view is not None:
                self.results.curve_view.select(intervals)
            self._show_selection()

    def _form_changed(self) -> None:
        """Mark the results of other queries than that of the form, and drop an old refusal."""
        if self._refused and self.job.message.value == self._refused:
            self.job.message.clear()
        queries = self.form.queries() if self._shown else {}
        for kind, job in self._shown.items():
            text = account_of_origin(job.query, self.job.target(job), queries[kind])
            self.results.show_origin(kind, text)

    def _edit_catalog(self) -> None:
        self.results.show_catalog()

    def _show_plan(self, plan: Plan) -> None:
        self.results.show_plan(plan)

    def _show_selection(self) -> None:
        times = self.form.times
        self.results.selection.show(times.summary, selected=bool(times.intervals))

    def _curve_changed(self) -> None:
        """Count seconds as the light curve does, and mark the selected times on it."""
        view = self.results.curve_view
        if view is not None:
            self.form.times.rebase(*view.span)
            view.select(self.form.times.intervals)


def _in_background(act: Callable[[], object]) -> None:
    Thread(target=act, name="oda-workbench", daemon=True).start()


def _columns(left: Form, right: VBox) -> HBox:
    body = HBox([left, right])
    body.add_class("oda-body")
    return body


def _header(site: Site, running: HBox) -> HBox:
    name = HTML("<h1>INTEGRAL workbench</h1>")
    name.add_class("oda-title")
    header = HBox([name, quiet(site.name), running])
    header.add_class("oda-header")
    return header


def _placeholder() -> HTML:
    text = quiet("Preparing the first light curve…")
    text.add_class("oda-empty")
    return text
