"""A step of the history of a product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oda_widgets.provenance.node import Node

SHORT = 12  # digits of an id that people read


@dataclass(frozen=True)
class Step:
    """One node of the history of a product, as it was worked.

    Parameters
    ----------
    id
        Hex SHA-256 of the node.
    name
        Name of the step.
    version
        Digest of the code that did it.
    parameters
        Its parameters.
    inputs
        Ids of the nodes whose results it used.
    seconds
        How long it took when it was computed, without its inputs; None for what is not computed
        but given: data, catalogues, choices.
    made
        When it was computed, UTC.
    from_store
        True when its result was there already.
    """

    id: str
    name: str
    version: str
    parameters: Mapping[str, Any]
    inputs: tuple[str, ...] = ()
    seconds: float | None = None
    made: str = ""
    from_store: bool = False

    @classmethod
    def of(cls, node: Node) -> Step:
        """Return a node as a step that was not worked."""
        inputs = tuple(source.id for source in node.inputs)
        return cls(node.id, node.step, node.version, dict(node.parameters), inputs)

    @property
    def computed(self) -> bool:
        """False for what is given."""
        return self.seconds is not None

    def __str__(self) -> str:
        if self.seconds is None:
            return f"{self.name} {self.id[:SHORT]}: given"
        how = "from the store, took" if self.from_store else "computed in"
        return f"{self.name} {self.id[:SHORT]}: {how} {self.seconds:.2f} s"
