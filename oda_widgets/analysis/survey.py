"""A survey: the images of any number of windows, added up on the whole sky one by one.

Memory does not grow with the number of windows, and the sums are saved every few windows: a survey
that was stopped or killed resumes from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from oda_widgets.analysis.analysis import Analysis, QueryWindow
from oda_widgets.analysis.session import Session
from oda_widgets.analysis.survey_changes import (
    EventsOf,
    changed_windows,
    earlier_image,
    warn_of_changes,
)
from oda_widgets.analysis.survey_plan import ADDING
from oda_widgets.analysis.survey_sky import all_sky_of, is_uncertain
from oda_widgets.analysis.survey_sums import SurveySums
from oda_widgets.analysis.survey_sums import __name__ as sums_module
from oda_widgets.analysis.window_image import image_task
from oda_widgets.errors import BadParameter, DamagedFile, DataError, JobCancelled, StoreError
from oda_widgets.files import remedy
from oda_widgets.lookup.healpix import healpix_grid
from oda_widgets.products.all_sky import AllSky
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.lock import only_one
from oda_widgets.provenance.node import Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.identity import identity
from oda_widgets.request.queries import ImageQuery
from oda_widgets.request.science_windows import ScienceWindow, SkippedWindow
from oda_widgets.request.words import counted
from oda_widgets.workers.progress import Monitor, Progress

_AT_ONCE = 100  # windows whose steps are in memory
_BETWEEN = 10  # windows between two saves
_PART = 0.05  # largest fraction of the time for saving and for showing the sky

Opened = Callable[[ImageQuery, Monitor], tuple[Analysis, Session]]
Grown = Callable[[AllSky], object]


@dataclass(frozen=True)
class Survey:
    """The windows of an archive to add up, and how.

    Parameters
    ----------
    windows
        Science windows, in order of time.
    nside
        Pixels along the side of each of the twelve base pixels of HEALPix.
    archive, energies
        Address of the archive, and the choice of energies.
    unusable
        Windows whose files are known to be damaged.
    there
        Identifiers of all windows of the archive that can be read.
    events_of
        Returns the current id of the events of a window; None if files cannot change.
    """

    energy: EnergyBand
    windows: tuple[ScienceWindow, ...]
    nside: int
    archive: str
    energies: str
    unusable: tuple[SkippedWindow, ...] = ()
    there: frozenset[str] = frozenset()
    events_of: EventsOf | None = None

    @property
    def identity(self) -> str:
        """Hex SHA-256 of all that the sums depend on, except the choice of windows."""
        band = [self.energy.low, self.energy.high]
        words = ["survey", band, self.nside, self.archive, self.energies]
        return identity([*words, code_version(sums_module)])

    def file_in(self, folder: Path) -> Path:
        """Return the path of the sums in a folder."""
        return folder / f"survey-{self.identity[:12]}.npz"


@dataclass
class _Saver:
    """Saves the sums and shows them every few windows, unless that takes too long.

    Parameters
    ----------
    grown
        Called with the sky each time.
    """

    path: Path
    grown: Callable[[], object]
    waiting: int = 0
    not_before: float = field(default=0.0)

    def count(self, sums: SurveySums) -> None:
        """Count one more window, and save the sums if it is time."""
        self.waiting += 1
        if self.waiting >= _BETWEEN and time.monotonic() >= self.not_before:
            began = time.monotonic()
            self.write(sums)
            self.grown()
            finished = time.monotonic()
            self.not_before = finished + (finished - began) / _PART
            self.waiting = 0

    def write(self, sums: SurveySums) -> None:
        """Write the sums.

        Raises
        ------
        StoreError
            If they cannot be written.
        """
        try:
            sums.save(self.path)
        except OSError as error:
            problem = f"The survey cannot be written in {self.path.parent}: {error.strerror}."
            raise StoreError(problem, f"{remedy(error)}, or choose another folder.") from None


def survey(
    query: Survey,
    folder: Path,
    opened: Opened,
    monitor: Monitor,
    *,
    resume: bool,
    grown: Grown | None = None,
) -> AllSky:
    """Return the map of the sky from the windows of a survey.

    Parameters
    ----------
    folder
        Folder in which it is saved while it grows.
    opened
        Returns the analysis and the session of a query.
    monitor
        Receives the progress, and warnings of windows that were skipped.
    resume
        Whether to continue the same survey from the folder.
    grown
        Called with the sky whenever it was saved.

    Raises
    ------
    DamagedFile
        If none of the windows can be used.
    BadParameter
        If the folder holds the same survey of more windows.
    StoreError
        If the folder cannot be written.
    JobCancelled
        If it was cancelled; the sums so far are saved.
    """
    path = query.file_in(folder)
    skipped = list(query.unusable)

    def waiting() -> None:
        monitor.report(Progress("waiting for another process that makes this survey"))

    def sky() -> AllSky:
        return all_sky_of(sums, query.energy, skipped)

    with only_one(path.with_suffix(".lock"), waiting):
        sums = _begun(query, path, monitor, resume=resume)
        saver = _Saver(path, lambda: grown(sky()) if grown is not None else None)
        before = tuple(sums.windows)
        _renewed(query, sums, opened, monitor)
        there = {name[:12] for name in sums.windows}
        skipped[:] = [window for window in skipped if window.id[:12] not in there]
        if sums.windows and grown is not None:
            grown(sky())
        try:
            _add_all(query, sums, skipped, saver, opened, monitor)
        except JobCancelled:
            if tuple(sums.windows) != before:
                saver.write(sums)
            raise
        _check_any(sums, skipped)
        if tuple(sums.windows) != before:
            saver.write(sums)
    for window in skipped:
        monitor.warn(f"Science window {window.id} was skipped: {window.reason}")
    whole = sky()
    if is_uncertain(sums.account):
        monitor.warn(whole.observation.rates_note)
    if grown is not None:
        grown(whole)
    return whole


def _check_any(sums: SurveySums, skipped: Sequence[SkippedWindow]) -> None:
    if not sums.windows:
        reason = skipped[0].reason if skipped else "the survey has none"
        problem = f"None of the science windows can be used; {reason}"
        raise DamagedFile(problem, "Choose others, or repair the files.")


def _begun(query: Survey, path: Path, monitor: Monitor, *, resume: bool) -> SurveySums:
    """Return the sums of a survey in a folder, or empty sums."""
    empty = SurveySums.empty(healpix_grid(query.nside))
    if not resume:
        return empty
    try:
        sums = SurveySums.load(path)
    except FileNotFoundError:
        return empty
    if sums is None:
        monitor.warn(f"{path} was damaged: the survey begins anew.")
        return empty
    names = {window.id for window in query.windows}
    more = [name for name in sums.windows if name in query.there and name not in names]
    if more:
        number = counted(len(more), "other window")
        limit = f"it holds the same survey of more windows than these: {number}, such as {more[0]}"
        advice = "Choose another folder, or resume=False to begin anew."
        raise BadParameter("folder", str(path.parent), limit, advice)
    return sums


def _renewed(query: Survey, sums: SurveySums, opened: Opened, monitor: Monitor) -> None:
    """Take windows with changed events out of the sums, if possible, and warn of them."""
    if query.events_of is None:
        return
    kept: dict[str, str] = {}
    replaced: list[str] = []
    for name, window in list(changed_windows(sums, query.windows, query.events_of)):
        image = None
        for analysis, session in _analyses(query.energy, [window], opened, monitor, []):
            image = earlier_image(sums, name, query.energy, analysis, session)
        if image is None:
            kept[name] = window.id
        else:
            sums.take_out(name, image)
            replaced.append(name)
    there = {name[:12] for name in query.there}
    gone = [name for name in sums.windows if name[:12] not in there]
    warn_of_changes(monitor, kept, replaced, gone)


def _add_all(
    query: Survey,
    sums: SurveySums,
    skipped: list[SkippedWindow],
    saver: _Saver,
    opened: Opened,
    monitor: Monitor,
) -> None:
    """Add all windows that are not yet in the sums."""
    there = {name[:12] for name in sums.windows}  # no window counts in two versions
    left = [window for window in query.windows if window.id[:12] not in there]
    for first in range(0, len(left), _AT_ONCE):
        part = left[first : first + _AT_ONCE]
        shifted = _Part(monitor, len(there) + first, len(query.windows))
        for analysis, session in _analyses(query.energy, part, opened, shifted, skipped):
            for window, task, result in _results(query.energy, analysis, session, skipped):
                began = time.perf_counter()
                counts = task.needs[0].node.id if task.needs else ""
                sums.add(window.id, result, window.events.id, counts)
                session.run.store.measured(ADDING, time.perf_counter() - began)
                saver.count(sums)


def _results(
    energy: EnergyBand, analysis: Analysis, session: Session, skipped: list[SkippedWindow]
) -> Iterator[tuple[QueryWindow, Task, Payload]]:
    """Iterate over the windows that can be used, each with its task and its image."""
    skipped += analysis.unusable
    made = (image_task(energy, analysis, window, ()) for window in analysis.windows)
    # The images of a whole mission would push everything else out of the store.
    tasks = [replace(task, keep=False) for task in made]
    for window, task in session.schedule(session, analysis.windows, tasks):
        try:
            result = session.result(task)
        except DataError as error:
            skipped.append(SkippedWindow(window.id, error.problem))
        else:
            yield window, task, result


def _analyses(
    energy: EnergyBand,
    windows: Sequence[ScienceWindow],
    opened: Opened,
    monitor: Monitor,
    skipped: list[SkippedWindow],
) -> Iterator[tuple[Analysis, Session]]:
    """Iterate over analyses: one of all windows or, if one cannot be read, one of each."""
    names = tuple(window.id for window in windows)
    try:
        found = opened(ImageQuery(science_windows=names, energy=energy), monitor)
    except DataError as error:
        if len(windows) == 1:
            skipped.append(SkippedWindow(names[0], error.problem))
            return
    else:
        yield found
        return
    for window in windows:
        yield from _analyses(energy, [window], opened, monitor, skipped)


@dataclass(frozen=True)
class _Part:
    """A monitor of some of the windows of a survey."""

    monitor: Monitor
    before: int
    total: int

    def report(self, progress: Progress) -> None:
        """Pass progress on, as progress of the whole survey."""
        done = self.before + progress.done
        self.monitor.report(Progress(progress.step, done, self.total, progress.science_window))

    def warn(self, text: str) -> None:
        """Pass a warning on."""
        self.monitor.warn(text)
