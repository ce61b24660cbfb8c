"""The history of a product in PROV-JSON (W3C member submission of 24 April 2013).

Each result is an entity, each computation an activity of this package, which is an agent. In long
histories, similar results of many windows form one entity, a collection, and their computations one
activity: the size of the document is then that of the names and digests of the windows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from oda_widgets.provenance.stacks import stacked
from oda_widgets.provenance.step import Step

_NAMESPACE = "urn:oda-widgets:node:"
_AGENT = "oda:oda_widgets"
_MOST_SINGLE = 500  # steps; in longer histories similar steps are collected

Relations = dict[str, dict[str, Any]]


def prov_json(steps: tuple[Step, ...]) -> str:
    """Return a PROV-JSON document.

    Parameters
    ----------
    steps
        History of a product, inputs before users.
    """
    results = _collections(steps) if len(steps) > _MOST_SINGLE else _single(steps)
    computed = [result for result in results if result.computed]
    document: dict[str, Any] = {
        "prefix": {"oda": _NAMESPACE},
        "entity": {_entity(result.id): _attributes(result) for result in results},
        "activity": {_activity(result): _interval(result) for result in computed},
        "agent": {_AGENT: {"prov:type": _name("prov:SoftwareAgent")}},
        "wasGeneratedBy": _numbered("generation", _generations(computed)),
        "used": _numbered("usage", _usages(computed)),
        "wasDerivedFrom": _numbered("derivation", _derivations(results)),
        "wasAssociatedWith": _numbered("association", _associations(computed)),
    }
    # Leave out empty sections.
    return json.dumps({key: part for key, part in document.items() if part}, indent=1)


@dataclass(frozen=True)
class _Result:
    """An entity of the document: the result of a step or of similar steps.

    Parameters
    ----------
    id
        Id of the step; for several steps, the SHA-256 of their ids.
    steps
        Steps that made it.
    inputs
        Ids of the entities that were used.
    """

    id: str
    steps: tuple[Step, ...]
    inputs: tuple[str, ...]

    @property
    def computed(self) -> bool:
        """False for data, catalogues and choices."""
        return any(step.computed for step in self.steps)

    @property
    def label(self) -> str:
        """Name of the step, with their number if there are several."""
        number, name = len(self.steps), self.steps[0].name
        return name if number == 1 else f"{number} × {name}"


def _single(steps: Sequence[Step]) -> list[_Result]:
    """Return one entity for each step."""
    return [_Result(step.id, (step,), step.inputs) for step in steps]


def _collections(steps: Sequence[Step]) -> list[_Result]:
    """Return one entity for each group of similar steps."""
    stacks = [found for _, found in stacked(steps)]
    names = [_id_of(found) for found in stacks]
    home = {step.id: name for name, found in zip(names, stacks, strict=True) for step in found}
    inputs = [
        dict.fromkeys(home[i] for step in found for i in step.inputs if i in home)
        for found in stacks
    ]
    each = zip(names, stacks, inputs, strict=True)
    return [_Result(name, found, tuple(used)) for name, found, used in each]


def _id_of(steps: Sequence[Step]) -> str:
    """Return the id of a step, or the digest of the ids of several."""
    if len(steps) == 1:
        return steps[0].id
    return sha256("".join(step.id for step in steps).encode("ascii")).hexdigest()


def _attributes(result: _Result) -> dict[str, Any]:
    parameters = _together([step.parameters for step in result.steps])
    versions = dict.fromkeys(step.version for step in result.steps)
    own = {
        "prov:label": result.label,
        "oda:version": ", ".join(versions),
        "oda:parameters": json.dumps(parameters, sort_keys=True, ensure_ascii=False),
    }
    number = len(result.steps)
    return own if number == 1 else own | {"prov:type": _name("prov:Collection"), "oda:size": number}


def _together(parameters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the parameters of similar steps: one value if all are equal, else a list."""
    names = dict.fromkeys(name for one in parameters for name in one)
    values = {name: [one.get(name) for one in parameters] for name in names}
    return {
        name: each[0] if all(value == each[0] for value in each) else {"each": each}
        for name, each in values.items()
    }


def _interval(result: _Result) -> dict[str, Any]:
    """Return when a result was computed; the end is known to the second."""
    computed = [step for step in result.steps if step.computed]
    stops = [datetime.fromisoformat(step.made) for step in computed]
    seconds = [step.seconds or 0.0 for step in computed]
    starts = [stop - timedelta(seconds=took) for stop, took in zip(stops, seconds, strict=True)]
    stored = sum(step.from_store for step in computed)
    own = {
        "prov:label": result.label,
        "prov:startTime": min(starts).isoformat(),
        "prov:endTime": max(stops).isoformat(),
    }
    if len(result.steps) == 1:
        return own | {"oda:fromStore": bool(stored)}
    return own | {"oda:seconds": sum(seconds), "oda:fromStore": stored}


def _generations(computed: list[_Result]) -> Iterator[dict[str, str]]:
    for result in computed:
        yield {"prov:entity": _entity(result.id), "prov:activity": _activity(result)}


def _usages(computed: list[_Result]) -> Iterator[dict[str, str]]:
    for result in computed:
        for source in result.inputs:
            yield {"prov:activity": _activity(result), "prov:entity": _entity(source)}


def _derivations(results: list[_Result]) -> Iterator[dict[str, str]]:
    for result in results:
        for source in result.inputs:
            yield {"prov:generatedEntity": _entity(result.id), "prov:usedEntity": _entity(source)}


def _associations(computed: list[_Result]) -> Iterator[dict[str, str]]:
    for result in computed:
        yield {"prov:activity": _activity(result), "prov:agent": _AGENT}


def _numbered(kind: str, relations: Iterator[dict[str, str]]) -> Relations:
    return {f"_:{kind}{number}": relation for number, relation in enumerate(relations)}


def _entity(node_id: str) -> str:
    return f"oda:{node_id}"


def _activity(result: _Result) -> str:
    return f"oda:computing-{result.id}"


def _name(qualified: str) -> dict[str, str]:
    return {"$": qualified, "type": "prov:QUALIFIED_NAME"}
