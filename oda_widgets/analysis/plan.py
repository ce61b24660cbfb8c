"""What a question will cost, before it is asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from oda_widgets.abilities import abilities
from oda_widgets.analysis.work import Work
from oda_widgets.provenance.step import Step
from oda_widgets.provenance.store import Store
from oda_widgets.provenance.times import in_need


@dataclass(frozen=True)
class Plan:
    """What a question will cost.

    Parameters
    ----------
    windows
        How many science windows it needs.
    in_store
        For how many of them the result is there already.
    seconds
        How long it will take, from what the same steps took here before; None when they were
        never measured.
    nodes
        All steps that the answer will rest on, inputs before users.
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


def plan_of(work: Work, store: Store, workers: int = 1) -> Plan:
    """Return what is left to do of some work, when so many work on its windows at once."""
    windows = len(work.parts)
    if store.has(work.whole.node.id):
        return _with_steps(Plan(windows, windows, 0.0), work, frozenset())
    in_store = sum(store.has(task.node.id) for task in work.parts)
    of_windows = {task.node.id: task.node.step for task in (*work.parts, *work.between)}
    to_do = {node_id: step for node_id, step in of_windows.items() if not store.has(node_id)}
    whole = work.whole.node
    expected = {step: store.times.expected(step) for step in {*to_do.values(), whole.step}}
    # Windows are what takes long; adding them up counts once it was measured.
    known = in_store == windows or expected.get(work.parts[0].node.step) is not None
    together = max(1, min(workers, windows - in_store))
    seconds = sum(expected[step] or 0.0 for step in to_do.values())
    seconds = (seconds + _if_needed(work, store)) / together
    if work.whole is not work.parts[0]:
        seconds += expected[whole.step] or 0.0
    plan = Plan(windows, in_store, seconds if known else None)
    return _with_steps(plan, work, frozenset({*to_do, whole.id}))


def _if_needed(work: Work, store: Store) -> float:
    """Return the seconds that steps will take which windows ask for only if it helps them."""
    parts: dict[str, tuple[str, float]] = {}
    for node in (task.node for task in work.parts if not store.has(task.node.id)):
        part = store.times.expected(in_need(node.step)) or 0.0
        for template in node.if_needed if part else ():
            parts |= {source.id: (source.step, part) for source in template.inputs}
    to_do = [asked for node_id, asked in parts.items() if not store.has(node_id)]
    seconds = {step: store.times.expected(step) or 0.0 for step in {step for step, _ in to_do}}
    return sum(seconds[step] * part for step, part in to_do)


def _with_steps(plan: Plan, work: Work, to_do: frozenset[str]) -> Plan:
    """Return a plan that knows its steps."""
    tasks = {task.node.id for task in (*work.parts, *work.between, work.whole)}
    steps = (
        replace(Step.of(node), from_store=node.id in tasks - to_do)
        for node in work.whole.node.history()
    )
    return replace(plan, nodes=tuple(steps), to_do=to_do)
