"""Messages between kernel and page; the four measured bugs of jupyter_bokeh are tests here.

They are: every change comes back from the page, streamed rows are added twice, callbacks run
twice, and keys typed into a table reach the notebook (the last one is in tests/browser).
"""

from __future__ import annotations

import json
from threading import Thread
from typing import Any

import numpy as np
import pytest
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

from oda_widgets.views.pane import BokehPane
from tests.views import wire


class Page:
    """The other end of a pane: keeps the messages sent, and sends those of a browser."""

    def __init__(self, pane: BokehPane, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pane = pane
        self.received: list[tuple[dict[str, Any], list[bytes]]] = []
        monkeypatch.setattr(pane, "send", self._keep)

    def _keep(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        self.received.append((content, buffers or []))

    def say(self, content: dict[str, Any]) -> None:
        wire.say(self.pane, content)

    def open(self, view: str = wire.VIEW) -> None:
        wire.open_view(self.pane, view)

    def change(self, model: Any, attr: str, new: Any) -> None:
        wire.change(self.pane, model, attr, new)

    @property
    def events(self) -> list[dict[str, Any]]:
        patches = [json.loads(c["patch"]) for c, _ in self.received if c["type"] == "patch"]
        return [event for patch in patches for event in patch["events"]]


@pytest.fixture
def source() -> ColumnDataSource:
    return ColumnDataSource(data={"x": np.arange(3.0), "y": np.arange(3.0)})


@pytest.fixture
def page(source: ColumnDataSource, monkeypatch: pytest.MonkeyPatch) -> Page:
    plot = figure()
    plot.scatter("x", "y", source=source)
    return Page(BokehPane(plot), monkeypatch)


def test_the_page_gets_the_document_with_its_arrays_as_raw_bytes(page: Page) -> None:
    page.open()
    content, buffers = page.received[-1]
    assert content["type"] == "document"
    assert content["view"] == wire.VIEW
    assert len(content["buffers"]) == len(buffers) == 2
    assert np.frombuffer(buffers[0], float).tolist() == [0, 1, 2]
    assert content["buffers"][0] in content["document"]


def test_bokehjs_comes_from_the_installed_package(page: Page) -> None:
    page.say({"type": "bokehjs"})
    content, scripts = page.received[-1]
    assert content == {"type": "bokehjs"}
    assert [b"DataTable" in script for script in scripts] == [False, True]
    assert page.pane._bokeh_version.encode() in scripts[0]


def test_nothing_is_sent_before_a_view_is_open(page: Page, source: ColumnDataSource) -> None:
    source.data = {"x": np.zeros(9), "y": np.zeros(9)}
    assert page.received == []


def test_nothing_is_sent_after_the_last_view_closed(page: Page, source: ColumnDataSource) -> None:
    page.open()
    page.say({"type": "close", "view": wire.VIEW})
    before = len(page.received)
    source.selected.indices = [1]
    assert len(page.received) == before


def test_a_change_in_python_is_sent_once(page: Page, source: ColumnDataSource) -> None:
    page.open()
    source.selected.indices = [1]
    assert [event["attr"] for event in page.events] == ["indices"]


def test_a_change_on_the_page_is_not_sent_back(page: Page, source: ColumnDataSource) -> None:
    page.open()
    page.change(source.selected, "indices", [2])
    assert source.selected.indices == [2]
    assert page.events == []


def test_a_change_on_the_page_runs_a_callback_once(page: Page, source: ColumnDataSource) -> None:
    calls: list[list[int]] = []
    source.selected.on_change("indices", lambda _attr, _old, new: calls.append(new))
    page.open()
    page.change(source.selected, "indices", [2])
    assert calls == [[2]]


def test_changes_by_a_callback_reach_the_page(page: Page, source: ColumnDataSource) -> None:
    def answer(_attr: str, _old: list[int], _new: list[int]) -> None:
        page.pane.root.title.text = "answered"

    source.selected.on_change("indices", answer)
    page.open()
    page.change(source.selected, "indices", [2])
    assert [event["attr"] for event in page.events] == ["text"]


def test_streamed_rows_are_added_once(page: Page, source: ColumnDataSource) -> None:
    page.open()
    source.stream({"x": [7.0], "y": [7.0]})
    assert len(source.data["x"]) == 4
    assert [event["kind"] for event in page.events] == ["ColumnsStreamed"]


def test_rows_edited_on_the_page_arrive_once(page: Page, source: ColumnDataSource) -> None:
    calls: list[Any] = []
    source.on_change("data", lambda _attr, _old, new: calls.append(list(new["x"])))
    page.open()
    wire.edit_cell(page.pane, source, "x", 0, 42.0)
    assert calls == [[42.0, 1.0, 2.0]]
    assert page.events == []


def test_arrays_of_the_page_arrive_as_bytes(page: Page, source: ColumnDataSource) -> None:
    page.open()
    array = {
        "type": "ndarray",
        "shape": [2],
        "dtype": "float64",
        "order": "little",
        "array": {"type": "bytes", "data": {"id": "page0"}},
    }
    data = {"type": "map", "entries": [["x", array], ["y", array]]}
    event = {"kind": "ModelChanged", "model": {"id": source.id}, "attr": "data", "new": data}
    wire.patch(page.pane, event, page0=np.array([5.0, 6.0]).tobytes())
    assert list(source.data["x"]) == [5.0, 6.0]


def test_changes_made_together_travel_as_one_message(page: Page, source: ColumnDataSource) -> None:
    page.open()
    before = len(page.received)
    with page.pane.together(), page.pane.together():
        source.data = {"x": np.zeros(9), "y": np.zeros(9)}
        source.selected.indices = [1]
    assert len(page.received) == before + 1
    assert [event["kind"] for event in page.events] == ["ColumnDataChanged", "ModelChanged"]


def test_updates_carry_raw_arrays_and_no_more(page: Page, source: ColumnDataSource) -> None:
    page.open()
    picture = np.zeros((64, 64), dtype=np.float32)
    source.data = {"x": [picture], "y": [0]}
    content, buffers = page.received[-1]
    assert [len(buffer) for buffer in buffers] == [picture.nbytes]
    assert len(content["patch"]) < 1000


def test_a_second_view_follows_the_first(page: Page, source: ColumnDataSource) -> None:
    page.open()
    page.open("second")
    page.change(source.selected, "indices", [0])
    content, _ = page.received[-1]
    assert content["type"] == "patch"
    assert content["except"] == wire.VIEW


def test_threads_may_change_a_figure_at_once(page: Page, source: ColumnDataSource) -> None:
    page.open()

    def work() -> None:
        for _ in range(20):
            with page.pane.together():
                source.data = {"x": np.zeros(9), "y": np.zeros(9)}
                source.selected.indices = list(source.selected.indices or [0])[:1]

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(source.data["x"]) == 9


def test_an_unknown_message_is_ignored(page: Page) -> None:
    page.say({"type": "surprise"})
    page.say({})
    assert page.received == []


def test_panes_do_not_share_views_or_documents() -> None:
    first, second = BokehPane(figure()), BokehPane(figure())
    assert first.document is not second.document
    assert first._page_views is not second._page_views


def test_a_callback_may_replace_the_data_it_is_told_of_afterwards(
    page: Page, source: ColumnDataSource
) -> None:
    def tidy() -> None:
        if len(source.data["x"]) > 1:
            source.data = {"x": [0.0], "y": [0.0]}

    source.on_change("data", lambda _attr, _old, _new: page.pane.afterwards(tidy))
    page.open()
    wire.edit_cell(page.pane, source, "x", 0, 42.0)
    assert source.data["x"] == [0.0]
    assert [event["kind"] for event in page.events] == ["ColumnDataChanged"]
