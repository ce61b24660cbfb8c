"""The history of a product in PROV-JSON (W3C member submission of 24 April 2013).

Each result is an entity, each computation an activity of this package, which is an agent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from oda_widgets.provenance.step import Step

_NAMESPACE = "urn:oda-widgets:node:"
_AGENT = "oda:oda_widgets"

Relations = dict[str, dict[str, Any]]


def prov_json(steps: tuple[Step, ...]) -> str:
    """Return a PROV-JSON document.

    Parameters
    ----------
    steps
        The history of a product, inputs before users.
    """
    computed = [step for step in steps if step.computed]
    document: dict[str, Any] = {
        "prefix": {"oda": _NAMESPACE},
        "entity": {_entity(step.id): _attributes(step) for step in steps},
        "activity": {_activity(step): _interval(step) for step in computed},
        "agent": {_AGENT: {"prov:type": _name("prov:SoftwareAgent")}},
        "wasGeneratedBy": _numbered("generation", _generations(computed)),
        "used": _numbered("usage", _usages(computed)),
        "wasDerivedFrom": _numbered("derivation", _derivations(steps)),
        "wasAssociatedWith": _numbered("association", _associations(computed)),
    }
    # A document has no empty sections.
    return json.dumps({key: part for key, part in document.items() if part}, indent=1)


def _attributes(step: Step) -> dict[str, Any]:
    return {
        "prov:label": step.name,
        "oda:version": step.version,
        "oda:parameters": json.dumps(step.parameters, sort_keys=True, ensure_ascii=False),
    }


def _interval(step: Step) -> dict[str, Any]:
    """Return when a step was computed; its end is known to the second."""
    stop = datetime.fromisoformat(step.made)
    start = stop - timedelta(seconds=step.seconds or 0.0)
    return {
        "prov:label": step.name,
        "prov:startTime": start.isoformat(),
        "prov:endTime": stop.isoformat(),
        "oda:fromStore": step.from_store,
    }


def _generations(computed: list[Step]) -> Iterator[dict[str, str]]:
    for step in computed:
        yield {"prov:entity": _entity(step.id), "prov:activity": _activity(step)}


def _usages(computed: list[Step]) -> Iterator[dict[str, str]]:
    for step in computed:
        for source in step.inputs:
            yield {"prov:activity": _activity(step), "prov:entity": _entity(source)}


def _derivations(steps: tuple[Step, ...]) -> Iterator[dict[str, str]]:
    for step in steps:
        for source in step.inputs:
            yield {"prov:generatedEntity": _entity(step.id), "prov:usedEntity": _entity(source)}


def _associations(computed: list[Step]) -> Iterator[dict[str, str]]:
    for step in computed:
        yield {"prov:activity": _activity(step), "prov:agent": _AGENT}


def _numbered(kind: str, relations: Iterator[dict[str, str]]) -> Relations:
    return {f"_:{kind}{number}": relation for number, relation in enumerate(relations)}


def _entity(node_id: str) -> str:
    return f"oda:{node_id}"


def _activity(step: Step) -> str:
    return f"oda:computing-{step.id}"


def _name(qualified: str) -> dict[str, str]:
    return {"$": qualified, "type": "prov:QUALIFIED_NAME"}
