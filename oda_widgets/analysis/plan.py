"""The tasks of a query, and their expected cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from oda_widgets.abilities import abilities
from oda_widgets.analysis.window_counts import COUNTS
from oda_widgets.archive.mirror.traffic import in_bytes
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.step import Step
from oda_widgets.provenance.store import Store
from oda_widgets.provenance.times import in_need

_LONG = 180.0  # seconds; longer times are given in minutes


@dataclass(frozen=True)
class Tasks:
    """The tasks of a query.

    Parameters
    ----------
    windows
        One per science window, in order of time.
    whole
        The task of the product's result; it may be the task of the only window.
    between
        Tasks that prepare the windows for the whole, if any.
    again
        Kind of the step that the whole repeats for windows, if any.
    """

    windows: tuple[Task, ...]
    whole: Task
    between: tuple[Task, ...] = ()
    again: str = ""


@dataclass(frozen=True, repr=False)
class Plan:
    """The expected cost of a query.

    Parameters
    ----------
    windows
        Number of science windows that it needs.
    in_store
        Number of them with results in the store.
    seconds
        Expected time, from the times of the same steps before; None if they were never measured.
    whole
        The node of the product's result; None if it is not known.
    stored, to_do
        Ids of the nodes that are in the store, and of those that are not.
    to_fetch
        Number of windows to fetch from a server.
    fetch_bytes
        Approximate number of bytes to fetch.
    neighbours
        Number of other windows of the revolution to read if the pixels of these windows scatter,
        to measure their efficiencies.
    instead
        What is counted in place of windows, for a query without any, such as "interval".
    simulated
        Whether its data are simulated, for queries without windows; else None.
    """

    windows: int
    in_store: int
    seconds: float | None
    whole: Node | None = None
    stored: frozenset[str] = frozenset()
    to_do: frozenset[str] = frozenset()
    to_fetch: int = 0
    fetch_bytes: int = 0
    neighbours: int = 0
    instead: str = ""
    simulated: bool | None = None

    def __repr__(self) -> str:
        of = self.instead or "window"
        windows = f"1 {of}" if self.windows == 1 else f"{self.windows} {of}s"
        fetch = f"{self.to_fetch} to fetch (about {in_bytes(self.fetch_bytes)}), "
        to_fetch = fetch if self.to_fetch else ""
        before = f"{windows}, {self.in_store} in the store, {to_fetch}"
        return f"{before}{self._neighbours()}{self._time()}"

    @cached_property
    def nodes(self) -> tuple[Step, ...]:
        """All steps that the product depends on, inputs first.

        They are unknown for windows that must be fetched. They are listed on demand: thousands of
        windows have a hundred thousand.
        """
        if self.whole is None:
            return ()
        return tuple(
            replace(step, from_store=step.id in self.stored)
            for step in map(Step.of, self.whole.history())
        )

    def plot(self, **options: Any) -> Any:
        """Return an interactive figure of the steps, which marks those in the store."""
        return abilities().plot(self, **options)

    def _neighbours(self) -> str:
        if not self.neighbours:
            return ""
        more = "1 more window" if self.neighbours == 1 else f"{self.neighbours} more windows"
        return f"{more} to read if pixels are noisy, "

    def _time(self) -> str:
        if self.seconds is None:
            return "time not known yet"
        if self.seconds < 1:
            return "less than 1 s"
        if self.seconds < _LONG:
            return f"about {self.seconds:.0f} s"
        hours = self.seconds / 3600
        return f"about {hours:.1f} h" if hours >= 2 else f"about {60 * hours:.0f} min"


def plan_of(tasks: Tasks, store: Store, workers: int = 1) -> Plan:
    """Return the expected cost of tasks.

    Parameters
    ----------
    tasks
        The tasks of a query.
    store
        Has their results, and the times of such steps.
    workers
        Number of windows computed at once.
    """
    whole = tasks.whole.node
    windows = [task.node for task in tasks.windows]
    nodes = {node.id: node for node in (*windows, *(task.node for task in tasks.between), whole)}
    if store.held([whole.id]):
        stored = nodes.keys() | _needs(tasks.windows).keys()
        return Plan(len(windows), len(windows), 0.0, whole, frozenset(stored))
    held = store.held(node_id for node_id in nodes if node_id != whole.id)
    missing = [task for task in tasks.windows if task.node.id not in held]
    # The inputs of a window matter only if its own result is missing.
    needs = _needs(missing)
    held |= store.having(needs)
    to_do = {node_id: node for node_id, node in (nodes | needs).items() if node_id not in held}
    missing_nodes = [task.node for task in missing]
    asking = [node for node in (*missing_nodes, *needs.values()) if node.id not in held]
    needed = _if_needed(asking, store)
    return Plan(
        windows=len(windows),
        in_store=len(windows) - len(missing),
        seconds=_seconds(tasks, list(to_do.values()), missing_nodes, needed, store, workers),
        whole=whole,
        stored=frozenset(held),
        to_do=frozenset(to_do),
        neighbours=_neighbours([*windows, *_needs(tasks.windows).values()], needed),
    )


def _needs(windows: Sequence[Task]) -> dict[str, Node]:
    """Return the nodes on which windows depend, each once."""
    return {need.node.id: need.node for task in windows for need in task.chain()[1:]}


def _seconds(
    tasks: Tasks,
    to_do: Sequence[Node],
    missing: Sequence[Node],
    needed: Sequence[Node],
    store: Store,
    workers: int,
) -> float | None:
    """Return the expected time of tasks; None if their windows were never measured.

    Parameters
    ----------
    tasks
        The tasks of a query.
    to_do, missing
        The nodes to compute, and those among them that are windows.
    needed
        Nodes that windows use only if their data require it.
    store, workers
        As for `plan_of`.
    """
    whole = None if tasks.whole is tasks.windows[0] else tasks.whole.node
    kinds = Counter(node.kind for node in to_do)
    expected = {kind: store.times.expected(kind) for kind in kinds}
    # Windows dominate; the time of the sum is added if it is known.
    if missing and expected[missing[0].kind] is None:
        return None
    if whole is not None:
        kinds.subtract([whole.kind])
    seconds = sum(number * (expected[kind] or 0.0) for kind, number in kinds.items())
    # In a crowded field, all windows need the repeated step.
    again = len(tasks.windows) * (store.times.expected(tasks.again) or 0.0) if tasks.again else 0.0
    seconds += again + _seconds_in_need(to_do, needed, store)
    seconds /= max(1, min(workers, len(missing)))
    return seconds if whole is None else seconds + (expected[whole.kind] or 0.0)


def _if_needed(windows: Sequence[Node], store: Store) -> list[Node]:
    """Return the nodes, not in the store, that windows use only if their data require it."""
    templates = {template.id: template for node in windows for template in node.if_needed}
    parts = {part.id: part for template in templates.values() for part in template.inputs}
    counts = {
        node.id: node for part in parts.values() for node in part.inputs if node.step == COUNTS
    }
    held = store.having([*parts, *counts])
    left = [part for node_id, part in parts.items() if node_id not in held]
    asked = {node.id for part in left for node in part.inputs}
    return [*left, *(counts[name] for name in counts if name in asked and name not in held)]


def _seconds_in_need(nodes: Sequence[Node], needed: Sequence[Node], store: Store) -> float:
    """Return the expected seconds of nodes that windows use only if their data require it."""
    asking = next((node.kind for node in nodes if node.if_needed), None)
    if asking is None:
        return 0.0
    part = store.times.expected(in_need(asking)) or 0.0
    # Read the file of times once for each kind of step.
    each = {kind: store.times.expected(kind) or 0.0 for kind in {node.kind for node in needed}}
    return part * sum(each[node.kind] for node in needed)


def _neighbours(windows: Sequence[Node], needed: Sequence[Node]) -> int:
    """Return the number of windows outside the query that it may have to read."""
    of_query = {_events_of(source).id for node in windows for source in node.inputs}
    return len({_events_of(node.inputs[0]).id for node in needed} - of_query)


def _events_of(source: Node) -> Node:
    """Return the events behind counts; other nodes are returned as they are."""
    return source.inputs[0] if source.step == COUNTS else source
