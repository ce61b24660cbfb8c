"""The record of a result beside its arrays: one JSON document with a checksum."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from oda_widgets.provenance.node import kind_of_step
from oda_widgets.provenance.step import Step
from oda_widgets.version import __version__

FIRST_VERSION = "0.1"
"""The version that did not write its name into results; later versions do not use them."""

_FORMAT = "oda_widgets result 1"
_KEPT_OF_STEP = tuple(f.name for f in fields(Step) if f.name != "from_store")


@dataclass(frozen=True)
class Entry:
    """The record of a result in the store.

    Parameters
    ----------
    steps
        History of the result, inputs first; the last step made it.
    facts
        Values of the result that are not arrays.
    failure
        Reason why there is no result (see `failure_facts`), or None.
    arrays
        SHA-256 of the file with the arrays; empty if there are none.
    made_by
        Version of this package that computed it.
    """

    steps: tuple[Step, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    failure: Mapping[str, str] | None = None
    arrays: str = ""
    made_by: str = __version__

    @property
    def id(self) -> str:
        """Id of the node of the result."""
        return self.steps[-1].id

    @property
    def kind(self) -> str:
        """Kind of the step that made the result; see `Node.kind`."""
        made = self.steps[-1]
        first = next((one.name for one in self.steps if one.id in made.inputs[:1]), "")
        return kind_of_step(made.name, first)

    def encode(self) -> bytes:
        """Return the entry as the content of a file."""
        body = {
            "id": self.id,
            "steps": [_step_record(step) for step in self.steps],
            "facts": self.facts,
            "failure": self.failure,
            "arrays": self.arrays,
            "made_by": self.made_by,
        }
        document = {"format": _FORMAT, "checksum": _checksum(body), **body}
        # Do not indent: json would then use its Python encoder, which takes ten times as long.
        return json.dumps(document).encode()


def decode_entry(content: bytes, node_id: str) -> Entry | None:
    """Return the entry of a node; None if the content is damaged or of another node."""
    try:
        document = json.loads(content)
        head = document.pop("format"), document.pop("checksum"), document["id"]
        if head != (_FORMAT, _checksum(document), node_id):
            return None
        steps = tuple(_step(record) for record in document["steps"])
        made_by = document.get("made_by", FIRST_VERSION)
        return Entry(steps, document["facts"], document["failure"], document["arrays"], made_by)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # The content is not what we wrote: compute the node again.
        return None


def _step_record(step: Step) -> dict[str, Any]:
    record = asdict(step)
    return {name: record[name] for name in _KEPT_OF_STEP}


def _step(record: dict[str, Any]) -> Step:
    return Step(**record | {"inputs": tuple(record["inputs"])})


def _checksum(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
