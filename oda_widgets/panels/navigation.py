"""Submitting queries: of the form, a link, a session, or the history of the browser."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

from oda_widgets.backend.job import Job, JobStatus
from oda_widgets.errors import OdaError, UnknownSource
from oda_widgets.panels.form import Form
from oda_widgets.panels.job import JobPanel
from oda_widgets.panels.kept_job import AnyJob, KeptJob
from oda_widgets.panels.known_windows import OF_A_JOB, OF_A_LINK
from oda_widgets.panels.opening import linked_query, named_in, source_of, windows_of
from oda_widgets.panels.page import LONGEST_ADDRESS, Page
from oda_widgets.panels.query_text import kind_of
from oda_widgets.panels.resumed import jobs_to_resume
from oda_widgets.panels.session import Session
from oda_widgets.panels.session_bar import SessionBar
from oda_widgets.panels.session_keeper import SessionKeeper
from oda_widgets.panels.stage import Stage
from oda_widgets.protocol.links import link_parameters
from oda_widgets.request.queries import Query
from oda_widgets.request.survey_query import AnyQuery, SurveyQuery
from oda_widgets.request.words import counted

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site

_MOST_OFFERED = 20  # results of earlier queries that a reload offers beside those on show
_MOST_RESUMED = 20  # jobs that are submitted again beside those on show


class Navigation:
    """Submits queries wherever they come from; the address of the page follows.

    Parameters
    ----------
    site
        Takes the queries.
    form, jobs, keeper, page, bar
        Parts of the page that show them.
    stage
        Makes the changes that come from background threads.
    """

    def __init__(
        self,
        site: Site,
        form: Form,
        jobs: JobPanel,
        keeper: SessionKeeper,
        page: Page,
        bar: SessionBar,
        stage: Stage,
    ) -> None:
        self._site, self._form, self._jobs = site, form, jobs
        self._keeper, self._page, self._bar = keeper, page, bar
        self._stage = stage
        self._background: list[AnyJob] = []  # jobs whose results open no tab
        self._offered: list[AnyJob] = []  # jobs whose results are offered beside others only
        self._resumed: list[AnyJob] = []  # jobs of the results that a session shows

    def submit(self, query: AnyQuery, target: str) -> Job:
        """Submit a query; an equal one that is under way, or has its result, is shown instead."""
        self._keeper.asked(query)
        self._show_address(query)
        same = self._jobs.under_way(query) or self._jobs.answered(query)
        if isinstance(same, KeptJob):
            return self._submit_again(same)  # of an earlier page: the store has its result
        if same is not None:
            self._background = [job for job in self._background if job is not same]
            self._jobs.show_again(same, target)
            return same
        job = self._site.submit(query)
        self._jobs.follow(job, target)
        self._keeper.keep_now()  # a reload finds the session no older than the address
        return job

    def again(self, job: AnyJob) -> Job:
        """Submit the query of a job once more; results in the store are not computed again."""
        fresh = self._submit_again(job)
        self._show_address(job.query)
        return fresh

    def show_query(self, job: AnyJob) -> None:
        """Show the query of a job in the form."""
        self._show_in_form(job.query, OF_A_JOB)
        self._show_address(job.query)

    def offer_link(self) -> None:
        """Offer to copy the link of the query in the form, or say why there is none."""
        try:
            link = link_parameters(self._form.query())
        except OdaError:
            self._bar.show_link("", "The form holds no query that a link could carry.")
            return
        if len(link) > LONGEST_ADDRESS:
            self._bar.show_link("", "Too long for a link: save the session instead.")
        else:
            self._bar.show_link(link)

    def stay_in_tab(self, job: Job) -> None:
        """Do not open the tab of the result of a job when it arrives."""
        self._background.append(job)

    def opens_tab(self, job: Job) -> bool:
        """Return whether the result of a job opens its tab: not once after `stay_in_tab`."""
        if job not in self._background:
            return True
        self._background.remove(job)
        return False

    def only_offers(self, job: Job) -> bool:
        """Return whether a result is only offered beside others: once for each that is."""
        if job not in self._offered:
            return False
        self._offered.remove(job)
        return True

    def follow_link(self, link: str) -> bool:
        """Submit the query of a link of the page, or show the source that it names.

        Returns False if it has neither.
        """
        name = named_in(link)
        try:
            query = linked_query(self._site, link)
        except UnknownSource:
            query = None  # the form shows the name, and that no service knows it
        if query is not None:
            self._stage(partial(self._show_unless_resumed, query))
        elif name:
            self._stage(lambda: self._form.source.look_up(name))
        return query is not None or bool(name)

    def move_to(self, link: str) -> None:
        """Go back or forward to the query of a link, and show its result."""
        query = linked_query(self._site, link)
        if query is not None:
            self._stage(partial(self._show_form_and_result, query))
        elif self._jobs.jobs:
            self._stage(lambda: self._jobs.choose(self._jobs.jobs[0]))

    def resume(self, session: Session) -> str:
        """Submit again the jobs of a restored session that are on show or had not ended.

        Each query is submitted once, and their number is limited: whoever wrote the file must not
        be able to start any number of computations.

        Returns
        -------
        remark
            Which jobs were not submitted though they had not ended; empty if all were.
        """
        wanted = jobs_to_resume(list(self._jobs.jobs), session, _MOST_RESUMED)
        self._resumed = []
        refused = [
            *self._resubmit_all(wanted.shown, self._background, self._resumed),
            *self._resubmit_all(wanted.awaited),
            *self._resubmit_all(wanted.beside, self._offered),
        ]
        if wanted.others:
            jobs = wanted.others[-_MOST_OFFERED:]
            Thread(target=self._offer, args=(jobs,), name="oda-offers", daemon=True).start()
        return _resume_remark(wanted.left, refused)

    def _resubmit_all(self, jobs: Iterable[AnyJob], *lists: list[AnyJob]) -> Iterator[OdaError]:
        """Submit the queries of kept jobs again, and yield the error of each that is refused."""
        for job in jobs:
            try:
                self._resubmit(job, *lists)
            except OdaError as error:
                yield error

    def _offer(self, jobs: Sequence[AnyJob]) -> None:
        """Offer the results that are in the store beside those on show; compute none again."""
        for job in jobs:
            with suppress(OdaError):  # its windows are gone
                plan = self._site.plan(job.query)
                if plan.in_store == plan.windows:
                    self._stage(partial(self._resubmit, job, self._offered))

    def _resubmit(self, job: AnyJob, *lists: list[AnyJob]) -> None:
        """Submit the query of a kept job again; the lists say how its result is shown."""
        if job not in self._jobs.jobs:
            return  # the user has submitted it meanwhile
        fresh = self._site.submit(job.query)
        for jobs in lists:
            jobs.append(fresh)
        self._jobs.follow(fresh, self._jobs.target(job), instead_of=job, besides=True)

    def _show_unless_resumed(self, query: Query) -> None:
        """Show the result of a link, unless the session has brought it back."""
        if self._jobs.latest_of(query) not in self._resumed:
            self._show_result(query)

    def _submit_again(self, job: AnyJob) -> Job:
        """Submit the query of a job again without changing the address, which may have led here."""
        fresh = self._site.submit(job.query)
        self._jobs.follow(fresh, self._jobs.target(job), instead_of=job)
        return fresh

    def _show_form_and_result(self, query: Query) -> None:
        self._show_in_form(query, OF_A_LINK)
        self._show_result(query)

    def _show_result(self, query: Query) -> None:
        """Show the job of an equal query, or submit the query and show it in the form."""
        same = self._jobs.latest_of(query)
        if isinstance(same, KeptJob) and same.status is JobStatus.DONE:
            self._submit_again(same)  # of the session that a reload found
            return
        if same is not None:
            self._choose(same)
            return
        kind = kind_of(query)
        if not _is_same(self._form.queries()[kind], query):
            self._show_in_form(query, OF_A_LINK)
        elif kind != self._form.product.value:
            self._form.product.choose(kind)
        source = source_of(query, OF_A_LINK)
        self._jobs.follow(self._site.submit(query), "" if source is None else source.name)

    def _choose(self, job: AnyJob) -> None:
        """Show a job, and open the tab of its result."""
        if job in self._background:
            self._background.remove(job)
        self._jobs.choose(job)

    def _show_in_form(self, query: AnyQuery, origin: str) -> None:
        """Show the form that a query came from, if it is known; else the query and its origin."""
        state = self._keeper.form_of(query)
        if state is not None:
            self._keeper.draw(state)
        else:
            source, windows = source_of(query, origin), windows_of(query, origin)
            self._form.show(query, source, windows, origin)

    def _show_address(self, query: AnyQuery) -> None:
        """Show the link of a query in the address; a survey has none."""
        if isinstance(query, SurveyQuery):
            return
        self._page.show_address(link_parameters(query))


def _is_same(one: AnyQuery | None, other: Query) -> bool:
    """Return whether queries are equal apart from facts on the source that only the form knows."""
    return one is not None and one.identity == other.identity


def _resume_remark(left: int, refused: Sequence[OdaError]) -> str:
    """Return why some jobs of a session are only listed: beyond the limit, or refused."""
    parts = []
    if left:
        begin = f"{counted(left, 'job')} that had not ended, or stood beside a product,"
        limit = f"at most {_MOST_RESUMED} are when a session is opened"
        listed = "is listed" if left == 1 else "are listed"
        parts.append(f"{begin} {listed} but not submitted again: {limit}.")
    if refused:
        parts.append(f"{counted(len(refused), 'job')} not taken: {refused[0].problem}")
    return " ".join((*parts, "Run them again in the tab Jobs.")) if parts else ""
