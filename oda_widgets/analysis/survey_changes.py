"""Changes in the windows of a survey since they were added to it.

A survey takes days, which one changed file must not cost. The earlier image of a window is
subtracted from the sums if it can be made again: the store keeps the counts of windows, and a
digest shows whether the image is the one that was added. Otherwise the window stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from oda_widgets.analysis.analysis import Analysis
from oda_widgets.analysis.session import Session
from oda_widgets.analysis.survey_sums import SurveySums, digest_of
from oda_widgets.analysis.window_image import image_task
from oda_widgets.errors import DataError
from oda_widgets.provenance.node import Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.words import counted
from oda_widgets.workers.progress import Monitor

EventsOf = Callable[[ScienceWindow], str]
"""Returns the current id of the events of a window."""

_MOST_NAMED = 5
_OTHERWISE = (
    "For a survey of the files as they are, begin anew (resume=False; on the command line --afresh)"
    " or choose another folder."
)


@dataclass(frozen=True)
class _EarlierCounts(Session):
    """A session in which a window has its earlier counts."""

    task: Task | None = None
    counts: Payload | None = None

    def result(self, task: Task) -> Payload:
        """Return the result of a task, or the earlier counts."""
        return self.counts if task is self.task and self.counts else super().result(task)


def changed_windows(
    sums: SurveySums, windows: Sequence[ScienceWindow], events_of: EventsOf
) -> Iterator[tuple[str, ScienceWindow]]:
    """Iterate over the windows in the sums whose events have changed, with their current entries.

    Parameters
    ----------
    windows
        Current windows of the survey; another version is another file.
    events_of
        Returns the id of their events.
    """
    now = {window.id[:12]: window for window in windows}
    for name, origin in zip(sums.windows, sums.origins, strict=True):
        window = now.get(name[:12])
        if window is None:
            continue
        try:
            same = window.id == name and origin.is_of(events_of(window))
        except DataError:  # no longer readable: the sums keep it
            continue
        if not same:
            yield name, window


def earlier_image(
    sums: SurveySums, name: str, energy: EnergyBand, analysis: Analysis, session: Session
) -> Payload | None:
    """Return the image of a window that was added; None if it cannot be made again.

    Parameters
    ----------
    sums, name, energy
        Sums of the survey, the window, and the band.
    analysis, session
        Analysis and session of the current window.
    """
    origin = sums.origins[sums.windows.index(name)]
    task = image_task(energy, analysis, analysis.windows[0], ())
    counts = session.run.store.load(origin.counts) if origin.counts and task.needs else None
    if counts is None:
        return None
    parts = session.reader, session.monitor, session.run
    earlier = _EarlierCounts(*parts, task=task.needs[0], counts=counts.payload)
    image = task.compute(earlier)
    return image if digest_of(image) == origin.digest else None


def warn_of_changes(
    monitor: Monitor, kept: Mapping[str, str], replaced: Sequence[str], gone: Sequence[str]
) -> None:
    """Warn of windows of a survey that have changed.

    Parameters
    ----------
    monitor
        Receives the warnings.
    kept
        Windows that stay in the sums as they were, with their current identifiers.
    replaced
        Windows that were taken out and are added anew.
    gone
        Windows in the sums that the archive no longer has, or cannot read.
    """
    if replaced:
        monitor.warn(f"Added anew, because their files have changed: {_named(replaced)}.")
    if kept:
        names = [old if old == new else f"{old} (now {new})" for old, new in kept.items()]
        monitor.warn(
            f"Kept as they were added, though their files have changed: {_named(names)}. Their"
            f" earlier images cannot be made again, to take them out. {_OTHERWISE}"
        )
    if gone:
        monitor.warn(
            "Kept as they were added, though the archive has them no more or cannot read them:"
            f" {_named(gone)}. {_OTHERWISE}"
        )


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    last = [f"and {counted(more, 'other')}"] if more > 0 else []
    return ", ".join([*names[:_MOST_NAMED], *last])
