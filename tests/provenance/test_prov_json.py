"""Long histories as PROV-JSON: what is alike stands once."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from prov.model import ProvActivity, ProvDocument, ProvEntity

from oda_widgets.provenance.node import Node
from oda_widgets.provenance.prov_json import prov_json
from oda_widgets.provenance.step import Step


def history(windows: int) -> tuple[Step, ...]:
    """Return the history of a mosaic, made in one second a window and stored for every third."""
    images = []
    for number in range(windows):
        data = Node("ScWData", "content", {"science_window": f"{number:012d}", "simulated": True})
        images.append(Node("ii_skyimage", "1", {"energy": [20.0, 40.0]}, (data,)))
    steps = map(Step.of, Node("mosaic_ii_skyimage", "1", inputs=tuple(images)).history())
    return tuple(
        step
        if step.name == "ScWData"
        else replace(
            step,
            seconds=1.0,
            made=f"2026-11-22T00:00:{number % 60:02d}Z",
            from_store=number % 3 == 0,
        )
        for number, step in enumerate(steps)
    )


def test_like_steps_of_many_windows_are_one_collection() -> None:
    document = json.loads(prov_json(history(1000)))
    by_label = {entity["prov:label"]: entity for entity in document["entity"].values()}
    assert list(by_label) == ["1000 × ScWData", "1000 × ii_skyimage", "mosaic_ii_skyimage"]
    assert by_label["1000 × ii_skyimage"]["oda:size"] == 1000
    assert json.loads(by_label["1000 × ii_skyimage"]["oda:parameters"]) == {"energy": [20.0, 40.0]}
    windows = json.loads(by_label["1000 × ScWData"]["oda:parameters"])
    assert windows["simulated"] is True
    assert windows["science_window"]["each"] == [f"{number:012d}" for number in range(1000)]
    images, _ = document["activity"].values()
    assert images["oda:seconds"] == 1000.0
    assert images["oda:fromStore"] == sum(
        step.from_store for step in history(1000) if step.name == "ii_skyimage"
    )
    assert images["prov:startTime"] < images["prov:endTime"]
    assert len(document["wasDerivedFrom"]) == 2


def test_the_product_keeps_its_id_and_a_collection_has_one_of_its_members() -> None:
    steps = history(1000)
    document = json.loads(prov_json(steps))
    assert f"oda:{steps[-1].id}" in document["entity"]
    other = json.loads(prov_json(history(999)))
    assert not set(document["entity"]) & set(other["entity"])


@pytest.mark.parametrize(("windows", "entities"), [(2, 5), (249, 499), (250, 3)])
def test_short_histories_are_written_step_by_step(windows: int, entities: int) -> None:
    document = ProvDocument.deserialize(content=prov_json(history(windows)), format="json")
    assert len(list(document.get_records(ProvEntity))) == entities
    assert len(list(document.get_records(ProvActivity))) == (2 if entities == 3 else windows + 1)
