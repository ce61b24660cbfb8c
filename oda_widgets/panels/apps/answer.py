"""The answer of an app: figures with their numbers, which its function yields one by one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any

from oda_widgets.backend.job import Job, JobStatus
from oda_widgets.errors import BadParameter, JobCancelled
from oda_widgets.panels.apps.estimate import Estimate
from oda_widgets.products.image import SkyImage

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site

Choices = Mapping[str, Any]
Function = Callable[..., Iterable[Any]]

_TICK = 0.2  # seconds between two looks at a job
_NOW = "Computed now"
_STOPPED = ("The computation was stopped.", "Press Compute again.")


@dataclass(frozen=True)
class Part:
    """A figure of an answer with the numbers that belong to it.

    Parameters
    ----------
    figure
        Its name in the paper, for example "Figure 12".
    shown
        The product or the fit that is drawn; after a replay, the drawing.
    values
        Numbers by their names.
    notes
        Warnings of the jobs.
    seconds
        Time that the computation took.
    options
        Of the figure, such as the light curves beside it.
    picture
        The figure for publication as a PNG; empty unless the answer was recorded.
    """

    figure: str
    shown: Any
    values: Mapping[str, Estimate]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    options: Mapping[str, Any] = field(default_factory=dict)
    picture: bytes = b""


class Run:
    """One computation of an answer, which can be stopped from another thread.

    Parameters
    ----------
    function
        Called with the site and the choices; yields (figure, product, values, options of the
        figure), of which the last one or two may be missing.
    site
        Answers its queries.
    choices
        Its further arguments.
    on_progress
        Called with the run, the progress in words and the fraction of the running job that is done;
        not called after the run was stopped.
    """

    def __init__(
        self,
        function: Function,
        site: Site,
        choices: Choices,
        on_progress: Callable[[Run, str, float], object] = lambda _run, _words, _fraction: None,
    ) -> None:
        self._begin = partial(function, site.watched(self._watch), **choices)
        self._on_progress = on_progress
        self._stopped = Event()
        self._notes: list[str] = []
        self._stored: list[bool] = []  # of each job, whether its product was in the store

    @property
    def origin(self) -> str:
        """Where the products come from, in words that begin a sentence."""
        stored, jobs = sum(self._stored), len(self._stored)
        if jobs and stored == jobs:
            return "From the store of results"
        return f"Computed now ({stored} of {jobs} queries from the store)" if stored else _NOW

    def stop(self) -> None:
        """Stop the running job; a fit or a chain ends first."""
        self._stopped.set()

    def parts(self) -> Iterator[Part]:
        """Iterate over the parts of the answer, in the order in which they are computed.

        Raises
        ------
        BadParameter
            If the function yields something else.
        JobCancelled
            If it was stopped.
        OdaError
            If a query fails.
        """
        begun = time.monotonic()
        for yielded in self._until_stopped():
            seconds = time.monotonic() - begun
            notes = tuple(dict.fromkeys(self._notes))
            self._notes.clear()
            yield _part(yielded, notes, seconds)
            begun = time.monotonic()

    def _until_stopped(self) -> Iterator[Any]:
        """Iterate over the yields of the function; raise the message of the page once stopped."""
        try:
            for yielded in self._begin():
                self._check_stopped()
                yield yielded
                self._check_stopped()
        except JobCancelled:
            self._check_stopped()
            raise

    def _check_stopped(self) -> None:
        if self._stopped.is_set():
            raise JobCancelled(*_STOPPED) from None

    def _watch(self, job: Job) -> None:
        """Wait for a job of the function, and keep its warnings."""
        while not job.wait(_TICK):
            if self._stopped.is_set():
                job.cancel()
            else:
                self._on_progress(self, str(job.progress), job.progress.fraction)
        self._notes += job.warnings
        if job.status is JobStatus.DONE:
            self._stored.append(_was_stored(job))


def _was_stored(job: Job) -> bool:
    """Return whether the last step of a product was in the store."""
    product = job.result()
    one = product if isinstance(product, SkyImage) else next(iter(product.values()), None)
    nodes = one.provenance.nodes if one is not None and one.provenance is not None else ()
    return any(node.from_store for node in nodes[-1:])


def _part(yielded: Any, notes: tuple[str, ...], seconds: float) -> Part:
    if not _is_figure(yielded):
        advice = 'Write for example: yield "Figure 12", image, {"sources": 25}.'
        raise BadParameter("function", yielded, "not a figure with its product", advice)
    figure, shown, values, options = (*yielded, {}, {})[:4]
    systematic = getattr(getattr(shown, "observation", None), "rates_error", 0.0)
    estimates = {name: Estimate.of(name, one, systematic) for name, one in values.items()}
    return Part(figure, shown, estimates, notes, seconds, options)


def _is_figure(yielded: Any) -> bool:
    """Return whether something is a name, a product and at most two mappings."""
    if (
        not isinstance(yielded, tuple)
        or not 2 <= len(yielded) <= 4
        or not isinstance(yielded[0], str)
    ):
        return False
    return all(isinstance(one, Mapping) for one in yielded[2:])
