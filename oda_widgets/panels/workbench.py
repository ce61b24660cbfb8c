"""The whole workflow on one page: the form on the left, the results on the right."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from ipywidgets import VBox

from oda_widgets.analysis.plan import Plan
from oda_widgets.backend.job import Job
from oda_widgets.errors import BadParameter, OdaError
from oda_widgets.panels.export import session_notebook, session_zip
from oda_widgets.panels.form import Form
from oda_widgets.panels.job import JobActions, JobPanel
from oda_widgets.panels.layout import columns, header, placeholder
from oda_widgets.panels.navigation import Navigation
from oda_widgets.panels.opening import first_source, link_of_kernel, other_name
from oda_widgets.panels.page import Page
from oda_widgets.panels.query_text import WHOLE_SKY
from oda_widgets.panels.session_bar import SessionActions, SessionBar
from oda_widgets.panels.session_file import read_session, session_text
from oda_widgets.panels.session_keeper import SessionKeeper
from oda_widgets.panels.shown_results import ShownResults
from oda_widgets.panels.stage import Stage
from oda_widgets.panels.style import STYLED, style
from oda_widgets.panels.token import TokenPrompt
from oda_widgets.request.instruments import described
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.numbers import number_within
from oda_widgets.request.queries import Query
from oda_widgets.views.fields import number_text
from oda_widgets.views.message import shown_in
from oda_widgets.views.without_kernel import WithoutKernel

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site
    from oda_widgets.panels.results import Results
    from oda_widgets.request.science_windows import ScienceWindowList
    from oda_widgets.request.source import Source


@suggesting_class
class Workbench(WithoutKernel, VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A form for queries and a view of their results.

    Each control has a method that does the same, for scripts.

    Parameters
    ----------
    site
        From ``oda_widgets.connect()``.
    source
        Name to begin with; by default that of the bundled bursts, or a bright one of the site.
    energy
        Band to begin with, keV.
    time_bin
        Bin width of light curves, seconds; by default one that suits the source and its windows.

    Raises
    ------
    BadParameter
        If it is given anything but a site, or a band or a bin width that no query takes.

    Examples
    --------
    >>> bench = oda.Workbench(site)
    >>> bench.select([("2022-10-12T15:20:44", "2022-10-12T15:20:45")])
    """

    _without_kernel = (
        "The workbench needs a running kernel: run this cell. Pictures that stay are in the "
        "notebook and in the zip that its Session offers."
    )

    def __init__(
        self,
        site: Site,
        source: str | None = None,
        energy: Any = (28, 150),
        time_bin: float | None = None,
    ) -> None:
        self.site = _site(site)
        self._stage = Stage()
        self._link = link_of_kernel()
        self._opened = False  # whether the page was drawn
        self._opening, self._moving = Lock(), Lock()
        self._refused = ""  # the message of a refused query, while it is on show
        self._make_parts()
        self.form.energies.choose(energy)
        if time_bin is not None:
            width = number_within("time_bin", time_bin, *described("isgri").time_bins, "s")
            self.form.product.time_bin.value = number_text(width)
            self.form.product.time_bin_chosen = True
        body = columns(self.form, self._right)
        head = header(site, self.job.running, self.bar)
        super().__init__([style(), head, self.bar.panel, body, self.page])
        self.add_class(STYLED)
        # The page appears first; the first light curve and the figures follow.
        _in_background(lambda: self.begin(source))
        _in_background(self._prepare_results)

    @property
    def results(self) -> Results:
        """The views; made when they are first needed."""
        return self._shown.views

    def begin(self, name: str | None) -> None:
        """Submit the query of the link; without one, resolve a source and submit its light curve.

        The light curve is submitted only if a name is given, or there is one science window.
        A source that the user has named meanwhile stays.
        """
        with shown_in(self.form.source.message, self._stage):
            if self.navigation.follow_link(self._link):
                return
            source, found = first_source(self.site, name)
            job = None
            if name is not None or len(found) == 1:
                # Submitted before the page is drawn, so that the result is there at once.
                job = self.site.submit(self.form.first_query(source, found))
            self._stage(lambda: self._start(source, found, job))

    def opened(self, link: str, kept: str = "") -> None:
        """Open the stage, as the page is drawn; go on with the session of its tab, and its link.

        A kernel that was started before its page was known has begun without the link.

        Parameters
        ----------
        link
            Query string of the address.
        kept
            Text of the session that the tab kept; empty on a new page.
        """
        self._stage.open()
        with self._opening:
            known, self._link = self._link, link.lstrip("?")
            first, self._opened = not self._opened, True
        if kept and first:
            self._resume(kept)
        if self._link != known or (kept and first):
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

    def spectrum(self) -> Job:
        """Submit the spectra of the selected times, that of the source first."""
        return self._submit_form("spectra")

    def light_curve(self) -> Job:
        """Submit the light curve of the source, over all good time."""
        return self._submit_form("light_curves")

    def survey(self) -> Job:
        """Submit a survey of the science windows in the form; one that was stopped goes on."""
        self.job.catch_up()
        query = self.form.survey_query()
        self.token.hide()
        return self.navigation.submit(query, WHOLE_SKY)

    def show(self, job: Job) -> None:
        """Show the result of a job, that of its target first."""
        self._shown.show(job)

    def undo(self) -> None:
        """Return to the form, the catalogue and the time selection before the last change."""
        self.keeper.undo()

    def redo(self) -> None:
        """Return to the form that was undone last."""
        self.keeper.redo()

    def save_session(self) -> bytes:
        """Return the content of a file with the session, for `open_session`."""
        return session_text(self.keeper.session).encode()

    def open_session(self, content: str | bytes) -> None:
        """Show a session, and submit again what it shows and what had not ended.

        Parameters
        ----------
        content
            Of a file that the page saved.

        Raises
        ------
        BadParameter
            If it is neither text nor bytes.
        DamagedFile
            If it is no such file, or a value in it cannot be accepted. The page stays as it was.
        """
        session = read_session(content)
        self.keeper.restore(session)
        self._stage(lambda: self._shown.restore(session))
        remark = " ".join(filter(None, (other_name(session.form), self.navigation.resume(session))))
        self._stage(lambda: self._shown.open_tab(session.tab))
        self._stage(lambda: self.bar.tell(remark))

    def export_notebook(self) -> bytes:
        """Return a notebook that makes the results of the session again."""
        products = [product for product, _ in self._shown.products]
        return session_notebook(self.job.records, products, self._shown.exported_fit)

    def export_zip(self) -> bytes:
        """Return the results on show: FITS, figures, code, provenance and citation."""
        text, notebook = self.save_session().decode(), self.export_notebook()
        return session_zip(text, notebook, self._shown.products, self._shown.exported_fit)

    def _make_parts(self) -> None:
        self.token = TokenPrompt(self.site.use_token, self._submit_again)
        self.job = self._make_jobs()
        self._right = VBox([self.job.message, self.token, placeholder()])
        self._right.add_class("oda-right")
        self.form = self._make_form()
        self.form.windows.map_button.on_click(lambda _button: self.results.show_windows())
        self.page = Page(self.opened, self._moved, self._key)
        self.bar = self._make_bar()
        self.keeper = SessionKeeper(
            self.form,
            self.job,
            self._stage,
            on_drawn=lambda state: self._shown.follow_session(state),  # noqa: PLW0108 - made below
            on_noted=self._update_undo_buttons,
            keep=self.page.keep,
            results=lambda: self._shown.state,
        )
        self.navigation = Navigation(
            self.site, self.form, self.job, self.keeper, self.page, self.bar, self._stage
        )
        self._shown = ShownResults(self.form, self.job, self.navigation, self._make_results)

    def _make_jobs(self) -> JobPanel:
        actions = JobActions(
            on_done=self.show,
            on_error=self.token.show_for,
            # These are made after the list of jobs, which they change.
            on_aside=lambda job: self._shown.offer(job),  # noqa: PLW0108
            on_again=lambda job: self.navigation.again(job),  # noqa: PLW0108
            on_query=lambda job: self.navigation.show_query(job),  # noqa: PLW0108
            on_change=lambda: self.keeper.note_results(),  # noqa: PLW0108
            on_survey=lambda job: self.results.survey.follow(job),  # noqa: PLW0108
        )
        return JobPanel(actions, self._stage)

    def _make_form(self) -> Form:
        return Form(
            self.site,
            on_submit=lambda: self._call(self.submit),
            on_times=lambda intervals: self._shown.mark_times(intervals),  # noqa: PLW0108
            on_change=self._form_changed,
            on_edit_catalog=self._edit_catalog,
            on_plan=self._show_plan,
            jobs=self.job,
            stage=self._stage,
        )

    def _make_bar(self) -> SessionBar:
        return SessionBar(
            SessionActions(
                undo=self.undo,
                redo=self.redo,
                save=self.save_session,
                notebook=self.export_notebook,
                archive=self.export_zip,
                open=self.open_session,
                start_anew=self.page.start_anew,
            )
        )

    def _make_results(self) -> Results:
        from oda_widgets.panels.result_parts import Actions  # noqa: PLC0415 - heavy import
        from oda_widgets.panels.results import Results  # noqa: PLC0415 - likewise
        from oda_widgets.panels.survey import SurveyPanel  # noqa: PLC0415 - likewise
        from oda_widgets.panels.window_chooser import WindowChooser  # noqa: PLC0415 - likewise

        actions = Actions(
            on_select=self._shown.follow_brush,
            image_selection=lambda: self._call(self.image_selection),
            spectrum_selection=lambda: self._call(self.spectrum),
            zoom_selection=lambda: self.results.zoom_to(self.form.times.intervals),
            clear_selection=self.form.times.clear,
            on_source=lambda name: self._call(lambda: self.spectrum_of(name)),
            on_light_curve=lambda name: self._call(lambda: self.light_curve_of(name)),
            on_catalog=self.form.edit_catalog,
            on_catalog_problem=self.form.refuse_catalog,
            resolve=self.site.resolve,
            source=lambda: self.form.source.value,
            on_view=self.keeper.note_results,
        )
        windows = WindowChooser(self.form.windows, self._stage)
        survey = SurveyPanel(
            self.form.survey_query,
            self.site.plan,
            on_start=lambda: self._call(self.survey),
            on_plan=self._show_plan,
            on_source=self.form.source.look_up,
            stage=self._stage,
        )
        views = Results(actions, windows, survey, self.job.table, self._stage)
        self._right.children = (self.job.message, self.token, views)
        return views

    def _prepare_results(self) -> None:
        """Import the libraries of the views while the page is being drawn."""
        import oda_widgets.panels.results  # noqa: F401, PLC0415 - heavy import

        self._stage(lambda: self.results)

    def _start(self, source: Source, found: ScienceWindowList, job: Job | None) -> None:
        """Show the first source and follow its job, unless the user has named another."""
        if not self.form.source.text and not self.job.jobs:
            self.form.use_source(source, found)
            if job is not None:
                self.job.follow(job, source.name)
        elif job is not None:
            job.cancel()

    def _link_changed(self) -> None:
        with shown_in(self.form.source.message, self._stage):
            self.navigation.follow_link(self._link)

    def _moved(self, link: str) -> None:
        """Follow "back" and "forward" of the browser, one step after the other."""
        wanted = self._link = link.lstrip("?")

        def move() -> None:
            with self._moving:
                if wanted != self._link:
                    return  # a later step is waiting
                with shown_in(self.job.message, self._stage):
                    self.navigation.move_to(wanted)

        _in_background(move)

    def _resume(self, kept: str) -> None:
        """Go on with the session that a tab kept, or report that it is damaged."""
        try:
            self.open_session(kept)
        except OdaError as error:
            self.job.message.note(f"The session of this tab was not opened: {error.problem}")

    def _key(self, key: str) -> None:
        with shown_in(self.job.message):
            (self.undo if key == "undo" else self.redo)()

    def _submit_form(self, kind: str | None = None, target: str | None = None) -> Job:
        """Submit the query in the form, for a product and a source to show first, if given.

        The latest result is shown first, as a script may have waited for it in this thread.
        """
        self.job.catch_up()
        if kind is not None:
            self.form.product.choose(kind)
        if target is None:
            target = self.form.source_name
        query = self.form.query()
        self.token.hide()
        return self.navigation.submit(query, target)

    def _submit_again(self) -> None:
        """Submit the query that was refused for want of a token."""
        self.token.hide()
        self.navigation.again(self.job.jobs[-1])

    def _call(self, act: Callable[[], object]) -> None:
        """Call a function, and show its error until the form is changed."""
        done = False
        with shown_in(self.job.message):
            act()
            done = True
        self._refused = "" if done else self.job.message.value

    def _form_changed(self) -> None:
        """Let results, link and session follow the form, and drop an old refusal."""
        if self._refused and self.job.message.value == self._refused:
            self.job.message.clear()
        self._shown.follow_form()
        self.navigation.offer_link()
        self.keeper.note()

    def _update_undo_buttons(self) -> None:
        keeper = self.keeper
        self.bar.show(can_undo=keeper.can_undo, can_redo=keeper.can_redo, step=keeper.step)

    def _edit_catalog(self) -> None:
        self.results.show_catalog()

    def _show_plan(self, plan: Plan) -> None:
        self.results.show_plan(plan)


def _site(value: Any) -> Site:
    """Check that a value is a site: that it has a method `submit`."""
    if not callable(getattr(value, "submit", None)):
        advice = "Give the site that oda.connect() returns."
        raise BadParameter("site", value, "not a site", advice)
    site: Site = value
    return site


def _in_background(act: Callable[[], object]) -> None:
    Thread(target=act, name="oda-workbench", daemon=True).start()
