"""The expected cost of a survey, from the times of the same steps before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil

from oda_widgets.analysis.analysis import Analysis
from oda_widgets.analysis.plan import Plan, Tasks, plan_of
from oda_widgets.analysis.window_image import image_task
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.store import Store
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.science_windows import ScienceWindow

ADDING = "AllSky"
"""Name under which the time to add a window is stored."""

_LOOKED_AT = 1000  # windows whose steps are looked up in the store; others are like these


def survey_plan(
    energy: EnergyBand,
    left: Sequence[ScienceWindow],
    added: int,
    analysed: Callable[[Sequence[ScienceWindow]], Analysis],
    store: Store,
    workers: int,
) -> Plan:
    """Return the expected cost of the windows that a survey has yet to add.

    Parameters
    ----------
    left
        Windows that are not added yet.
    added
        Number of windows added.
    analysed
        Returns the analysis of windows.
    store, workers
        As for `oda_widgets.analysis.plan.plan_of`.
    """
    number = added + len(left)
    if not left:
        return Plan(number, number, 0.0)
    some = left[:: ceil(len(left) / _LOOKED_AT)]
    analysis = analysed(some)
    tasks = tuple(image_task(energy, analysis, window, ()) for window in analysis.windows)
    plan = plan_of(Tasks(tasks, _sum_of(tasks)), store, workers)
    times, more = len(left) / max(1, len(tasks)), store.times.expected(ADDING) or 0.0
    seconds = None if plan.seconds is None else times * plan.seconds + len(left) * more
    stored = added + round(times * plan.in_store)
    return replace(plan, windows=number, in_store=stored, seconds=seconds)


def _sum_of(tasks: Sequence[Task]) -> Task:
    """Return a task that represents the sum, which is not a node of the store."""
    return Task(Node("survey", "", {}, tuple(task.node for task in tasks)), Payload)
