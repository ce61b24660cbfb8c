"""Changes from the background reach the widgets in order, in one thread, after the curtain."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from threading import Thread, current_thread, main_thread
from threading import enumerate as enumerate_threads

import pytest
from ipywidgets import Widget
from ipywidgets.widgets import widget as widget_module

from oda_widgets.panels.stage import Act, Stage
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


class _Loop:
    """The loop of a notebook that is slow to take the first change."""

    def __init__(self) -> None:
        self.taken: list[Act] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def is_closed(self) -> bool:
        return False

    def call_soon_threadsafe(self, act: Act) -> None:
        self.taken.append(act)
        other = Thread(target=self.meanwhile)
        self.meanwhile = lambda: None
        other.start()
        other.join(0.1)


def test_what_is_changed_while_the_page_opens_comes_after_what_waited() -> None:
    stage, loop = Stage(), _Loop()
    stage._loop, stage._waiting = loop, []  # type: ignore[assignment]
    first, second, third = (lambda n=n: n for n in range(3))
    stage(first)
    stage(second)
    loop.meanwhile = lambda: stage(third)
    stage.open()
    while len(loop.taken) < 3:
        time.sleep(0.01)
    assert loop.taken == [first, second, third]


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
        assert bench._shown._views is None
        bench._stage.open()
        while bench._shown._views is None or bench.results.curve_view is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(notebook(), PATIENCE))
    assert makers == {main_thread()}
