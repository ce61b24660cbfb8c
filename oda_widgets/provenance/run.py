"""A run: take each node from the store or compute it, and record its history."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from oda_widgets.errors import DataError
from oda_widgets.files import remedy
from oda_widgets.provenance.entry import Entry
from oda_widgets.provenance.failure import failure_facts, failure_of, is_lasting
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.result_store import OverLimit, ResultStore, StoredResult
from oda_widgets.provenance.step import Step
from oda_widgets.provenance.times import in_need

_OR_ELSE = "or set ODA_WIDGETS_CACHE_FOLDER to a folder of your own."
_RAISE = "Raise it with ODA_WIDGETS_STORE_LIMIT, in GB; 0 keeps nothing and says nothing."


@dataclass(frozen=True)
class Outcome:
    """The outcome of a task in a worker.

    Parameters
    ----------
    computed
        Results that were computed for the task, inputs first; that of the task is the last.
    error
        Error that stopped it, unless it is due to the data (see `is_lasting`).
    """

    computed: tuple[StoredResult, ...]
    error: DataError | None = None


class Run:
    """The evaluation of one query, from the store or by computing.

    Parameters
    ----------
    store
        Store of the results.
    waiting
        Called while another process computes a needed result; may raise to give up.
    warn
        Called with text if results cannot be stored, or were damaged.
    """

    def __init__(
        self, store: ResultStore, waiting: Callable[[], None], warn: Callable[[str], None]
    ) -> None:
        self.store = store
        self._waiting = waiting
        self._warn = warn
        self._steps: dict[str, Step] = {}
        self._nodes: dict[str, Node] = {}
        self._used: dict[str, None] = {}  # in order of use
        self._arrived: dict[str, StoredResult | DataError] = {}
        self._spent = 0.0
        self._storing = True
        self._said_damaged = False
        self._incomplete = False

    def result(self, task: Task, *arguments: Any) -> Payload:
        """Return the result of a task, computing it only if the store does not have it.

        Parameters
        ----------
        task
            Task to evaluate.
        arguments
            Arguments for its function. They supply data and report progress, and do not belong to
            the history of the result.

        Raises
        ------
        DataError
            If it failed, now or before.
        """
        self._used[task.node.id] = None
        self._nodes[task.node.id] = task.node
        found = self._arrived.pop(task.node.id, None) or self.loaded(task.node)
        if found is None:
            with self.claim(task.node):
                # Another process may have computed it while we waited.
                found = self.loaded(task.node) or self._computed(task, arguments)
        if isinstance(found, DataError):
            # Do not store a result without this input, which may succeed another time.
            self._incomplete = True
            raise found
        if found.entry.failure is not None:
            raise failure_of(found.entry.failure)
        return found.payload

    def loaded(self, node: Node) -> StoredResult | None:
        """Return the result of a node if the store has it."""
        found = self.store.load(node.id)
        if found is not None:
            for step in found.entry.steps:
                self._steps.setdefault(step.id, replace(step, from_store=step.computed))
        return found

    def adopt(self, task: Task, outcome: Outcome) -> None:
        """Store the results of a worker, and keep that of the task until it is asked for."""
        passing = {part.node.id for part in task.chain() if not part.keep}
        for result in outcome.computed:
            self._steps[result.entry.id] = result.entry.steps[-1]
            self._record(result, keep=result.entry.id not in passing)
        if outcome.error is None:
            self._record_need(task.node, outcome.computed[-1].entry.steps[-1])
        self._arrived[task.node.id] = outcome.error or outcome.computed[-1]

    def claim(self, node: Node) -> AbstractContextManager[None]:
        """Return a context in which no other process computes a node."""
        return self.store.claim(node.id, self._waiting)

    @contextmanager
    def inputs(self) -> Iterator[None]:
        """Attribute the time in this context to the inputs of the step, not to the step."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._spent += time.perf_counter() - began

    def steps(self, node: Node) -> tuple[Step, ...]:
        """Return the history of a node, inputs before users, without inputs that were not used."""
        known: dict[str, Step] = {}
        self._collect(node, known)
        return tuple(known.values())

    def _collect(self, node: Node, known: dict[str, Step]) -> None:
        """Add the history of a node to the known steps."""
        if node.id in known:
            return
        step = self._steps.get(node.id) or Step.of(node)
        for source in (*node.inputs, *(part for part in node.if_needed if part.id in step.inputs)):
            self._collect(source, known)
        for identifier in step.inputs:
            self._collect_more(identifier, known)
        known[node.id] = step

    def _collect_more(self, identifier: str, known: dict[str, Step]) -> None:
        """Add the history of a step that was used only because the data required it."""
        if identifier in known:
            return
        if identifier in self._nodes:
            self._collect(self._nodes[identifier], known)
            return
        step = self._steps[identifier]
        for source in step.inputs:
            self._collect_more(source, known)
        known[identifier] = step

    def _computed(self, task: Task, arguments: tuple[Any, ...]) -> StoredResult:
        """Compute and store the result of a task, which may be a failure."""
        began, spent = time.perf_counter(), self._spent
        outer, self._incomplete = self._incomplete, False
        used, self._used = self._used, {}
        payload, failure = self._attempted(task, arguments)
        step = _with_used_inputs(task.node, self._used)
        self._used = used
        # Subtract the time of the inputs.
        seconds = time.perf_counter() - began - (self._spent - spent)
        self._spent += seconds
        made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._steps[task.node.id] = replace(step, seconds=seconds, made=made)
        facts = None if failure is None else failure_facts(failure)
        result = StoredResult(Entry(self.steps(task.node), payload.facts, facts), payload)
        if not self._incomplete:
            self._record(result, keep=task.keep)
            self._record_need(task.node, step)
        self._incomplete |= outer
        return result

    def _attempted(
        self, task: Task, arguments: tuple[Any, ...]
    ) -> tuple[Payload, DataError | None]:
        """Return the payload of a task, or the failure that is due to its data."""
        try:
            return task.compute(*arguments), None
        except DataError as error:
            if is_lasting(error):
                return Payload(), error
            self._incomplete = True
            raise

    def _record(self, result: StoredResult, *, keep: bool) -> None:
        """Store a result if it is to be kept or is a failure, and record its computing time."""
        if keep or result.entry.failure is not None:
            self._save(result)
        step = result.entry.steps[-1]
        if result.entry.failure is None and step.seconds is not None:
            self.store.measured(result.entry.kind, step.seconds)

    def _record_need(self, node: Node, step: Step) -> None:
        """Record whether the step needed its optional inputs, for later plans."""
        if node.if_needed:
            needed = len(step.inputs) > len(node.inputs)
            self.store.measured(in_need(node.kind), float(needed))

    def _save(self, result: StoredResult) -> None:
        self._say_if_damaged(result.entry.steps[-1])
        try:
            self.store.save(result.entry, result.payload)
        except OSError as error:
            if self._storing:
                reason = error.strerror or error
                over = isinstance(error, OverLimit)
                advice = _RAISE if over else f"{remedy(error)}, {_OR_ELSE}"
                self._warn(f"Results cannot be stored in {self.store}: {reason}. {advice}")
            self._storing = False

    def _say_if_damaged(self, step: Step) -> None:
        """Warn once that a damaged result was computed again, before it is replaced."""
        if not self._said_damaged and self.store.is_damaged(step.id):
            self._said_damaged = True
            self._warn(
                f"A stored result ({step.name}) in {self.store} was damaged and has been computed "
                "again. 'oda-widgets store verify' finds other damage."
            )


def _with_used_inputs(node: Node, used: Iterable[str]) -> Step:
    """Return a node as a step, with its inputs and further results that it used.

    These are nodes named as `if_needed`, and others that follow from the data of its inputs, such
    as the windows that a mosaic cleans again.
    """
    step = Step.of(node)
    more = tuple(identifier for identifier in used if identifier not in step.inputs)
    return replace(step, inputs=step.inputs + more)
