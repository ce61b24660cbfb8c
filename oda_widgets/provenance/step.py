"""A step of the history of a product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oda_widgets.provenance.node import Node

SHORT = 12  # digits of an id in prints


@dataclass(frozen=True)
class Step:
    """One step of the history of a product: a node with its computing time.

    Parameters
    ----------
    id
        Hex SHA-256 of the node.
    name
        Name of the step.
    version
        Digest of the code that computed it.
    parameters
        Parameters of the node.
    inputs
        Ids of the nodes whose results it used.
    seconds
        Computing time without inputs; None for data, catalogues and choices, which are not
        computed.
    made
        Time of the computation, UTC.
    from_store
        True if its result was in the store.

    Examples
    --------
    >>> print(image.provenance.nodes[0])
    ScWData ...: given
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
        """Return a node as a step that was not computed."""
        inputs = tuple(source.id for source in node.inputs)
        return cls(node.id, node.step, node.version, dict(node.parameters), inputs)

    @property
    def computed(self) -> bool:
        """False for data, catalogues and choices."""
        return self.seconds is not None

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        if self.seconds is None:
            return f"{self.name} {self.id[:SHORT]}: given"
        how = "from the store, took" if self.from_store else "computed in"
        return f"{self.name} {self.id[:SHORT]}: {how} {self.seconds:.2f} s"
