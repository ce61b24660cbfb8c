"""The whole workflow on one page: panels on the left, views on the right."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock, Thread
from typing import TYPE_CHECKING, Any, cast

from ipywidgets import HTML, HBox, VBox

from oda_widgets.analysis.plan import Plan
from oda_widgets.backend.job import Job
from oda_widgets.panels.card import quiet
from oda_widgets.panels.first_source import first_source
from oda_widgets.panels.form import Form
from oda_widgets.panels.job import JobPanel
from oda_widgets.panels.link import link_of_kernel, linked_question, show_question
from oda_widgets.panels.stage import Stage
from oda_widgets.panels.style import STYLED, style
from oda_widgets.panels.times import Intervals
from oda_widgets.panels.token import TokenPrompt
from oda_widgets.products.by_source import BySource
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.queries import Query, SpectrumQuery
from oda_widgets.views.bokehjs import BokehLoader
from oda_widgets.views.message import shown_in

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site
    from oda_widgets.panels.results import Results
    from oda_widgets.request.science_windows import ScienceWindowList
    from oda_widgets.request.source import Source


class Workbench(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Ask a site for images, spectra and light curves, and look at them.

    Everything a control does is a method here: a script can press the same buttons.

    Parameters
    ----------
    site
        Who answers, from ``oda_widgets.connect()``.
    source
        Name to begin with; by default that of the bundled bursts, or a bright one of the site.
    energy
        Band to begin with, keV.
    time_bin
        Length of the bins of the first light curve, seconds.

    Examples
    --------
    >>> bench = oda.Workbench(site)
    >>> bench.select([("2022-10-12T15:20:44", "2022-10-12T15:20:45")])
    >>> bench.image_selection().result().catalog.names
    ('SGR 1935+2154',)
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
        self._wanted_source: str | None = None
        self._link = link_of_kernel().lstrip("?")
        self._results: Results | None = None
        self.token = TokenPrompt(site.use_token, self._ask_again)
        self.job = JobPanel(self.show, self._stage, self.token.show_for)
        self._right = VBox([self.job.message, self.token, _patience()])
        self._right.add_class("oda-right")
        self.form = Form(
            site,
            on_submit=lambda: self._try(self.submit),
            on_times=self._times_changed,
            job=self.job,
            stage=self._stage,
            on_plan=self._show_plan,
        )
        self.form.energies.choose(energy)
        self.form.product.time_bin.value = time_bin
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
        """Ask what a link asks; else resolve a source and ask for its light curve.

        Whoever was quicker and has named another source is left alone. Where nobody has named one,
        no more than one science window is asked for.
        """
        with shown_in(self.form.source.message, self._stage):
            if self._asked_by_link():
                return
            source, found = self._first(name)
            job = self._first_job(source, found, named=name is not None)
            self._stage(lambda: self._start(source, found, job))

    def _first(self, name: str | None) -> tuple[Source, ScienceWindowList]:
        """Return the source to begin with, and its science windows."""
        if name is None:
            return first_source(self.site)
        source = self.site.resolve(name)
        return source, self.site.science_windows(source)

    def _first_job(self, source: Source, found: ScienceWindowList, *, named: bool) -> Job | None:
        """Ask for the first light curve before the page is drawn, so that it is there at once."""
        if not named and len(found) > 1:
            return None  # that takes its time, and nobody has asked for it
        return self.site.submit(self.form.first_query(source, found))

    def _start(self, source: Source, found: ScienceWindowList, job: Job | None) -> None:
        """Show the first source and follow its job, unless somebody has named another."""
        if self.form.source.value is None:
            self.form.use_source(source, found)
            if job is not None:
                self.job.follow(job)
        elif job is not None:
            job.cancel()

    def opened(self, link: str) -> None:
        """Take note that the page is drawn, and ask what the link asks by which it was opened.

        The kernel may have been kept ready for any page, and have begun with its first question.
        """
        self._stage.open()
        with self._lock:
            known, self._link = self._link, link.lstrip("?")
            changed = self._link != known
        if changed:
            _in_background(self._follow_link)

    def query(self) -> Query:
        """Return the question that the panels hold; raises OdaError if they hold none."""
        return self.form.query()

    def submit(self) -> Job:
        """Ask the question that the panels hold.

        A script that waited for an answer may be here before the panels have taken it in.
        """
        self.job.catch_up()
        return self._ask(self.form.query())

    def select(self, intervals: Any) -> None:
        """Select seconds, as the brush and the list of intervals do."""
        self.form.times.choose(intervals)

    def image_selection(self) -> Job:
        """Ask for an image of the selected seconds."""
        self.form.product.kind.value = "image"
        return self.submit()

    def spectrum_of(self, name: str) -> Job:
        """Ask for the spectra of the selected seconds, and show that of one source."""
        self._wanted_source = name
        self.form.product.kind.value = "spectra"
        return self.submit()

    def light_curve_of(self, name: str) -> Job:
        """Ask for light curves over all good time, and show that of one source."""
        self._wanted_source = name
        self.form.product.kind.value = "light_curves"
        return self.submit()

    def light_curve(self) -> Job:
        """Ask for the light curve of the source, over all good time."""
        return self._ask(self.form.light_curve_query())

    def show(self, job: Job) -> None:
        """Show what a job brought."""
        product = job.result()
        with self._lock:
            if isinstance(product, SkyImage):
                self._show_image(product)
            elif isinstance(job.query, SpectrumQuery):
                spectra = cast("BySource[Spectrum]", product)
                self.results.show_spectra(spectra, self._wanted_source)
            else:
                self._show_curves(cast("BySource[LightCurve]", product))
        self.form.refresh()  # what was computed is in the store now

    def _follow_link(self) -> None:
        with shown_in(self.form.source.message, self._stage):
            self._asked_by_link()

    def _asked_by_link(self) -> bool:
        """Ask what the link of the page asks; return False if it asks nothing."""
        linked = linked_question(self.site, self._link)
        if linked is None:
            return False
        for job in self.job.jobs:
            job.cancel()  # nobody waits for it
        asked = self.site.submit(linked)
        self._stage(lambda: show_question(self.form, linked))
        self._stage(lambda: self.job.follow(asked))
        return True

    def _prepare_results(self) -> None:
        """Import the libraries of the views while the page is being drawn."""
        import oda_widgets.panels.results  # noqa: F401, PLC0415 - heavy import

        self._stage(lambda: self.results)

    def _make_results(self) -> Results:
        from oda_widgets.panels.results import Actions, Results  # noqa: PLC0415 - heavy import

        return Results(
            Actions(
                on_select=self._brushed,
                image_seconds=lambda: self._try(self.image_selection),
                clear_seconds=self.form.times.clear,
                on_source=lambda name: self._try(lambda: self.spectrum_of(name)),
                on_light_curve=lambda name: self._try(lambda: self.light_curve_of(name)),
                on_catalog=self.form.use_catalog,
            )
        )

    def _ask_again(self) -> None:
        """Ask once more what was refused for want of a token."""
        self._ask(self.job.jobs[-1].query)

    def _ask(self, query: Query) -> Job:
        self.token.hide()
        job = self.site.submit(query)
        self.job.follow(job)
        return job

    def _try(self, act: Callable[[], object]) -> None:
        with shown_in(self.job.message):
            act()

    def _brushed(self, intervals: Intervals) -> None:
        """Follow the brush; the light curve itself is already marked."""
        self.form.use_times(intervals)
        self._show_selection()

    def _times_changed(self, intervals: Intervals) -> None:
        if self._results is None:
            return  # there is nothing to mark yet
        if self.results.curve_view is not None:
            self.results.curve_view.select(intervals)
        self._show_selection()

    def _show_plan(self, plan: Plan) -> None:
        self.results.show_plan(plan)

    def _show_selection(self) -> None:
        times = self.form.times
        self.results.selection.show(times.summary, selected=bool(times.value))

    def _show_image(self, image: SkyImage) -> None:
        self.results.show_image(image)
        self.form.use_catalog(image.catalog)

    def _show_curves(self, curves: BySource[LightCurve]) -> None:
        source = self.form.source.value
        named = source.name if source is not None else None
        wanted = self._wanted_source if self._wanted_source in curves else named
        view = self.results.show_curves(curves, wanted)
        self.form.use_times(self.form.times.value, zero=view.zero)
        view.select(self.form.times.value)


def _in_background(work: Callable[[], object]) -> None:
    Thread(target=work, name="oda-workbench", daemon=True).start()


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


def _patience() -> HTML:
    text = quiet("Preparing the first light curve…")
    text.add_class("oda-empty")
    return text
