"""The tasks of a query, and what they will cost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from oda_widgets.abilities import abilities
from oda_widgets.provenance.node import Task
from oda_widgets.provenance.step import Step
from oda_widgets.provenance.store import Store
from oda_widgets.provenance.times import in_need


@dataclass(frozen=True)
class Tasks:
    """The tasks of a query.

    Parameters
    ----------
    windows
        One per science window, in order of time.
    whole
        The task whose result the product is made of; it may be that of the only window.
    between
        Tasks that prepare the windows for the whole, if there are any.
    """

    windows: tuple[Task, ...]
    whole: Task
    between: tuple[Task, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What a query will cost.

    Parameters
    ----------
    windows
        How many science windows it needs.
    in_store
        For how many of them the store has the result already.
    seconds
        How long it will take, from what the same steps took here before; None when they were
        never measured.
    nodes
        All steps that the product will rest on, inputs before users.
    to_do
        Ids of those that are not in the store yet.
    """

    windows: int
    in_store: int
    seconds: float | None
    nodes: tuple[Step, ...] = ()
    to_do: frozenset[str] = frozenset()

    def __str__(self) -> str:
        windows = "1 window" if self.windows == 1 else f"{self.windows} windows"
        return f"{windows}, {self.in_store} in the store, {self._time()}"

    def plot(self, **options: Any) -> Any:
        """Return an interactive figure of the steps, and which of them are in the store."""
        return abilities().plot(self, **options)

    def _time(self) -> str:
        if self.seconds is None:
            return "time not known yet"
        return "less than 1 s" if self.seconds < 1 else f"about {self.seconds:.0f} s"


def plan_of(tasks: Tasks, store: Store, workers: int = 1) -> Plan:
    """Return what some tasks will cost.

    Parameters
    ----------
    tasks
        The tasks of a query.
    store
        Knows their results, and how long such steps took.
    workers
        How many windows are computed at once.
    """
    windows = len(tasks.windows)
    whole = tasks.whole.node
    if store.has(whole.id):
        return _with_steps(Plan(windows, windows, 0.0), tasks, ())
    in_store = sum(store.has(task.node.id) for task in tasks.windows)
    of_windows = {task.node.id: task.node.step for task in (*tasks.windows, *tasks.between)}
    to_do = {node_id: step for node_id, step in of_windows.items() if not store.has(node_id)}
    expected = {step: store.times.expected(step) for step in {*to_do.values(), whole.step}}
    # Windows take long; the sum counts once it was measured.
    known = in_store == windows or expected.get(tasks.windows[0].node.step) is not None
    together = max(1, min(workers, windows - in_store))
    seconds = sum(expected[step] or 0.0 for step in to_do.values())
    seconds = (seconds + _if_needed(tasks, store)) / together
    if tasks.whole is not tasks.windows[0]:
        seconds += expected[whole.step] or 0.0
    plan = Plan(windows, in_store, seconds if known else None)
    return _with_steps(plan, tasks, {*to_do, whole.id})


def _if_needed(tasks: Tasks, store: Store) -> float:
    """Return the expected seconds of the steps that windows use only if their data require it."""
    parts: dict[str, tuple[str, float]] = {}
    for node in (task.node for task in tasks.windows if not store.has(task.node.id)):
        part = store.times.expected(in_need(node.step)) or 0.0
        for template in node.if_needed if part else ():
            parts |= {source.id: (source.step, part) for source in template.inputs}
    to_do = [needed for node_id, needed in parts.items() if not store.has(node_id)]
    seconds = {step: store.times.expected(step) or 0.0 for step in {step for step, _ in to_do}}
    return sum(seconds[step] * part for step, part in to_do)


def _with_steps(plan: Plan, tasks: Tasks, to_do: Collection[str]) -> Plan:
    """Return a plan with its steps."""
    computed = {task.node.id for task in (*tasks.windows, *tasks.between, tasks.whole)}
    in_store = computed.difference(to_do)
    steps = (
        replace(Step.of(node), from_store=node.id in in_store)
        for node in tasks.whole.node.history()
    )
    return replace(plan, nodes=tuple(steps), to_do=frozenset(to_do))
