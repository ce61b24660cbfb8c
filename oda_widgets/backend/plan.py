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


def plan_of(work: Work, store: Store) -> Plan:
    """Return what is left to do of some work."""
    windows = len(work.parts)
    if store.has(work.whole.node.id):
        return Plan(windows, windows, 0.0)
    missing = [task for task in work.parts if not store.has(task.node.id)]
    to_do = missing if work.whole in work.parts else [*missing, work.whole]
    times = [store.times.expected(task.node.step) for task in to_do]
    known = [seconds for seconds in times if seconds is not None]
    return Plan(windows, windows - len(missing), sum(known) if len(known) == len(times) else None)
