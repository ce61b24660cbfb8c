"""What a question will cost, before it is asked."""

from __future__ import annotations

from dataclasses import dataclass

from oda_widgets.backend.work import Work
from oda_widgets.provenance.store import Store


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
    """

    windows: int
    in_store: int
    seconds: float | None

    def __str__(self) -> str:
        windows = "1 window" if self.windows == 1 else f"{self.windows} windows"
        return f"{windows}, {self.in_store} in the store, {self._time()}"

    def _time(self) -> str:
        if self.seconds is None:
            return "time not known yet"
        return "less than 1 s" if self.seconds < 1 else f"about {self.seconds:.0f} s"


def plan_of(work: Work, store: Store, workers: int = 1) -> Plan:
    """Return what is left to do of some work, when so many work on its windows at once."""
    windows = len(work.parts)
    if store.has(work.whole.node.id):
        return Plan(windows, windows, 0.0)
    in_store = sum(store.has(task.node.id) for task in work.parts)
    of_windows = {task.node.id: task.node.step for task in (*work.parts, *work.between)}
    to_do = [step for node_id, step in of_windows.items() if not store.has(node_id)]
    expected = {step: store.times.expected(step) for step in {*to_do, work.whole.node.step}}
    # Windows are what takes long; adding them up counts once it was measured.
    known = in_store == windows or expected.get(work.parts[0].node.step) is not None
    together = max(1, min(workers, windows - in_store))
    seconds = sum(expected[step] or 0.0 for step in to_do) / together
    if work.whole is not work.parts[0]:
        seconds += expected[work.whole.node.step] or 0.0
    return Plan(windows, in_store, seconds if known else None)
