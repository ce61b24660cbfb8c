"""The graph of the history of a product: its boxes, and the details after a click."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from oda_widgets.analysis.plan import Plan
from oda_widgets.errors import BadParameter
from oda_widgets.provenance.node import Node
from oda_widgets.provenance.record import Provenance
from oda_widgets.provenance.repeat import RepeatedText
from oda_widgets.provenance.step import Step
from oda_widgets.views.history.graph import State, duration, history_graph, window_names
from oda_widgets.views.history.view import HistoryView
from oda_widgets.views.paper import render
from tests.views.wire import change

NASTY = "<img src=x onerror=alert(1)>"


def mosaic_of(windows: int) -> Node:
    """Return the node of a mosaic of images."""
    catalog = Node("CatExtract", "choice", {"sources": [[NASTY, 1.0, 2.0]]}, (Node("RefCat", "1"),))
    images = []
    for number in range(windows):
        data = Node("ScWData", "content", {"science_window": f"{number:012d}", "simulated": True})
        events = Node("ISGRIEvents", "1", inputs=(data,))
        images.append(Node("ii_skyimage", "1", {"energy": [20.0, 40.0]}, (events, catalog)))
    return Node("mosaic_ii_skyimage", "1", inputs=tuple(images))


def history(windows: int) -> tuple[Step, ...]:
    """Return the history of a mosaic; the first half of its images come from the store."""
    mosaic = mosaic_of(windows)
    images = mosaic.inputs
    worked = {node.id: number < windows // 2 for number, node in enumerate(images)}
    worked[mosaic.id] = False
    return tuple(
        replace(Step.of(node), seconds=2.0, made="2026-11-22T00:00:00Z", from_store=worked[node.id])
        if node.id in worked
        else Step.of(node)
        for node in mosaic.history()
    )


def record(windows: int) -> Provenance:
    return Provenance(history(windows), "question", "archive", RepeatedText("print()\n"))


@pytest.mark.parametrize("windows", [1, 2, 50, 500])
def test_many_windows_take_the_room_of_one(windows: int) -> None:
    graph = history_graph(history(windows))
    assert len(graph) == 6
    assert sum(len(stack.steps) for stack in graph) == len(history(windows))
    images = next(stack for stack in graph if stack.name == "ii_skyimage")
    assert images.title == ("ii_skyimage" if windows == 1 else f"{windows} × ii_skyimage")


def test_layers_run_from_the_data_to_the_product() -> None:
    graph = history_graph(history(3))
    assert graph[-1].layer == 0
    for stack in graph:
        for place in stack.inputs:
            assert graph[place].layer > stack.layer
    places = {(stack.layer, stack.row) for stack in graph}
    assert len(places) == len(graph)


def test_a_box_says_what_came_from_the_store() -> None:
    graph = history_graph(history(50))
    images = graph[-2]
    assert images.counts == {State.STORED: 25, State.COMPUTED: 25}
    assert images.account == "25 from the store, 25 computed · 100 s"
    assert graph[0].account == "input"


def test_planned_steps_are_not_shown_as_done() -> None:
    mosaic = mosaic_of(2)
    to_do = frozenset(node.id for node in mosaic.history() if "sky" in node.step)
    plan = Plan(2, 0, 12.0, mosaic, to_do=to_do)
    view = HistoryView(plan, "Plan")
    assert view.graph[-1].account == "not yet"
    assert "2 windows, 0 in the store, about 12 s" in view.children[0].value
    assert "not yet" in view.children[0].value


def test_what_stands_in_a_box_has_room_in_it() -> None:
    view = HistoryView(record(50))
    [boxes] = [
        r.data_source.data for r in view.figure.renderers if "title_size" in r.data_source.data
    ][:1]
    narrowest = view.figure.min_width / (1 + max(stack.layer for stack in view.graph))
    for text, size in zip(boxes["title"] + boxes["account"],
                          boxes["title_size"] + boxes["account_size"], strict=True):  # fmt: skip
        assert 0.45 * float(size.removesuffix("px")) * len(text) < 0.84 * narrowest
        assert float(size.removesuffix("px")) <= 12


def test_each_part_of_a_mixed_box_has_its_colour() -> None:
    view = HistoryView(record(50))
    drawn = [r.data_source.data for r in view.figure.renderers]
    *_, parts = (data for data in drawn if "colour" in data and "title" not in data)
    assert len(set(parts["colour"])) == 3
    assert len(parts["colour"]) == 7


def test_a_click_says_what_a_box_stands_for() -> None:
    view = HistoryView(record(50))
    change(view.pane, view._boxes.selected, "indices", [4])
    details = view.details
    assert len(details.members.options) == 50
    assert details.members.options[0][0] == "000000000000 · from the store · 2 s"
    details.members.value = details.members.options[30][1]
    assert "computed in 2 s, made 2026-11-22T00:00:00Z" in details.text.value
    assert "000000000030" in details.text.value
    assert "[20.0, 40.0]" in details.text.value
    assert details.copy_button.text == details.members.value
    assert [b.description for b in details.inputs.children[1:]] == ["ISGRIEvents", "CatExtract"]
    details.inputs.children[2].click()
    assert "CatExtract" in details.heading.value
    assert view.graph[view._boxes.selected.indices[0]].name == "CatExtract"


def test_names_from_outside_are_escaped() -> None:
    view = HistoryView(record(1), title=NASTY)
    view.show(next(step.id for step in view.history.nodes if step.name == "CatExtract"))
    assert NASTY not in view.children[0].value
    assert NASTY not in view.details.text.value
    assert "&lt;img" in view.details.text.value
    assert "safe" not in str(view.figure.tools[-1].tooltips)


def test_thousands_of_steps_are_not_all_listed() -> None:
    view = HistoryView(record(500))
    view.show(next(step.id for step in view.history.nodes if step.name == "ii_skyimage"))
    assert len(view.details.members.options) == 200
    assert "200 of 500 listed" in view.details._listing.children[0].value


def test_simulated_data_say_so() -> None:
    assert "SIMULATED" in HistoryView(record(1)).children[0].value
    assert b"SIMULATED" in render(record(1), "svg")


def test_windows_are_known_where_there_is_one() -> None:
    steps = history(2)
    names = window_names(steps)
    assert steps[-1].id not in names
    assert sorted(names.values()) == ["000000000000"] * 3 + ["000000000001"] * 3


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.04 s"), (12.3, "12 s"), (200, "3 min 20 s")]
)
def test_times_are_said_in_words(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_history_can_be_saved(tmp_path: Path) -> None:
    for suffix, start in {"pdf": b"%PDF", "png": b"\x89PNG", "svg": b"<?xml"}.items():
        record(50).save(tmp_path / f"history.{suffix}")
        assert (tmp_path / f"history.{suffix}").read_bytes().startswith(start)
    record(50).save(tmp_path / "history.json")
    assert "entity" in json.loads((tmp_path / "history.json").read_text())
    with pytest.raises(BadParameter, match="file extension"):
        record(1).save(tmp_path / "history.txt")


def test_plot_shows_the_graph() -> None:
    assert isinstance(record(1).plot(), HistoryView)
    assert isinstance(Plan(1, 0, None, mosaic_of(1)).plot(), HistoryView)
