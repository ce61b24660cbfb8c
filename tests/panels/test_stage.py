"""Changes from the background reach the widgets in order, in one thread, after the curtain."""

from __future__ import annotations

import asyncio
from threading import Thread, current_thread, main_thread
from threading import enumerate as enumerate_threads

import pytest
from ipywidgets import Widget
from ipywidgets.widgets import widget as widget_module

from oda_widgets.panels.stage import Stage
from oda_widgets.panels.workbench import Workbench
from tests.panels.fake_site import FakeSite
from tests.patience import PATIENCE


def test_outside_a_notebook_changes_are_made_at_once() -> None:
    done: list[int] = []
    Stage()(lambda: done.append(1))
    assert done == [1]


def test_in_a_notebook_changes_wait_for_the_page() -> None:
    done: list[object] = []

    async def notebook() -> None:
        stage = Stage()
        worker = Thread(target=lambda: [stage(lambda n=n: done.append(n)) for n in range(3)])
        worker.start()
        worker.join()
        await asyncio.sleep(0.01)
        assert done == []
        stage.open()
        stage.open()
        await asyncio.sleep(0.01)

    asyncio.run(notebook())
    assert done == [0, 1, 2]


def test_changes_are_made_in_the_thread_of_the_notebook() -> None:
    threads: list[Thread] = []

    async def notebook() -> None:
        stage = Stage()
        stage.open()
        worker = Thread(target=lambda: stage(lambda: threads.append(current_thread())))
        worker.start()
        worker.join()
        await asyncio.sleep(0.01)

    asyncio.run(notebook())
    assert threads == [main_thread()]


def test_no_other_thread_makes_widgets_while_a_page_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    makers: set[Thread] = set()
    construct = Widget.open

    def watched(widget: Widget) -> None:
        makers.add(current_thread())
        construct(widget)

    monkeypatch.setattr(widget_module.Widget, "open", watched)

    async def notebook() -> None:
        bench = Workbench(FakeSite())
        while any(t.name == "oda-workbench" for t in enumerate_threads()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert bench._results is None
        bench._stage.open()
        while bench._results is None or bench.results.curve_view is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(notebook(), PATIENCE))
    assert makers == {main_thread()}
