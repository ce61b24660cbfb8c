"""A node: a step of the analysis with everything that its result depends on.

The identity of a result is its history. Two results share an id only if the same code did the same
with the same inputs, so that a result that the store has under an id can be used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any

from oda_widgets.provenance.payload import Payload
from oda_widgets.request.identity import canonical


class _Once:
    """A property whose value is computed once and kept in the instance.

    `functools.cached_property` takes a lock up to Python 3.11, which costs time for the hundred
    thousand nodes of a large plan.
    """

    def __init__(self, make: Callable[[Any], str]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._make(instance)
        return value


@dataclass(frozen=True, eq=False)
class Node:
    """One step of an analysis; nodes are equal if their histories are equal.

    Parameters
    ----------
    step
        Name of the step, the one of DDOSA if it has the step.
    version
        Digest of the code that computes it (see `code_version`); "content" for data identified by
        their content, "choice" for a choice of the user.
    parameters
        Plain values: numbers, text, booleans, None, and lists and mappings of them.
    inputs
        Nodes whose results it uses, in order.
    if_needed
        Nodes whose results it uses only if its own data require them. They are part of the id; they
        are part of the history only if they were used.
    """

    step: str
    version: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[Node, ...] = ()
    if_needed: tuple[Node, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    @_Once
    def id(self) -> str:
        """Hex SHA-256 of the history."""
        # Equal to what `identity` returns for these fields, but faster: a large plan needs the ids
        # of a hundred thousand nodes.
        text = (
            f'["record","_Definition",[["if_needed",{_ids(self.if_needed)}],'
            f'["inputs",{_ids(self.inputs)}],["parameters",{_text_of(self.parameters)}],'
            f'["step",{_word(self.step)}],["version",{_word(self.version)}]]]'
        )
        return sha256(text.encode("ascii")).hexdigest()

    @property
    def kind(self) -> str:
        """The step and what it starts from: nodes of one kind take about as long."""
        return kind_of_step(self.step, self.inputs[0].step if self.inputs else "")

    def history(self) -> tuple[Node, ...]:
        """Return this node and its inputs, direct and indirect, each once: inputs before users."""
        known: dict[str, Node] = {}
        _collect(self, known)
        return tuple(known.values())


@dataclass(frozen=True)
class Task:
    """A node and how to compute it.

    Parameters
    ----------
    node
        Identity of the result.
    compute
        Returns the result; called only when the store has none, with the arguments that
        `Run.result` was given. A function of a module, or a `functools.partial` of one, so that
        it can travel to a worker.
    needs
        The tasks whose results it uses.
    may_need
        The tasks whose results it uses only if its own data require them.
    keep
        Whether the store keeps the result. One that is quick to make again, or of which there are
        too many, is only used; a failure is kept in any case.
    """

    node: Node
    compute: Callable[..., Payload]
    needs: tuple[Task, ...] = ()
    may_need: tuple[Task, ...] = ()
    keep: bool = True

    def chain(self) -> tuple[Task, ...]:
        """Return this task and those that it needs, users before their inputs."""
        return (self, *(task for need in self.needs for task in need.chain()))


def kind_of_step(step: str, first_input: str) -> str:
    """Return the kind of a step: its name, and the name of the step of its first input if any."""
    return f"{step} from {first_input}" if first_input else step


def _text_of(parameters: Mapping[str, Any]) -> str:
    """Return the canonical form of parameters; most nodes have none."""
    return canonical(dict(parameters)) if parameters else _NO_PARAMETERS


_NO_PARAMETERS = canonical({})


@lru_cache(maxsize=1000)
def _word(text: str) -> str:
    """Return the canonical form of a name or version, which thousands of nodes share."""
    return canonical(text)


def _ids(nodes: tuple[Node, ...]) -> str:
    """Return the canonical form of the ids of nodes."""
    if not nodes:
        return '["list",[]]'
    texts = ",".join([f'["text","{node.id}"]' for node in nodes])
    return f'["list",[{texts}]]'


def _collect(node: Node, known: dict[str, Node]) -> None:
    if node.id in known:
        return
    for source in node.inputs:
        _collect(source, known)
    known[node.id] = node
