"""The kernels of pages: when one gives way to another, and how they end."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from typing import Any

import pytest
import zmq
from jupyter_client.kernelspec import KernelSpecManager
from tornado.web import HTTPError

from oda_widgets.cli.kernel_faults import is_fault
from oda_widgets.cli.page_kernels import PageKernelManager, PageKernels

WAITING = {"VOILA_PREHEAT": "True"}


def test_a_kernel_that_is_just_starting_ends_with_the_others_and_none_starts_after() -> None:
    async def end_while_one_starts() -> tuple[list[str], int]:
        kernels = PageKernels(kernel_spec_manager=KernelSpecManager())
        start = asyncio.create_task(kernels.start_kernel(env=WAITING))
        await asyncio.sleep(0)  # it has begun
        await kernels.shutdown_all()
        await start
        try:
            await kernels.start_kernel(env=WAITING)
        except HTTPError as error:
            return kernels.list_kernel_ids(), error.status_code
        return kernels.list_kernel_ids(), 200

    assert asyncio.run(end_while_one_starts()) == ([], 503)


class Given(PageKernels):
    """Kernels of pages that need no process."""

    def __init__(self, **words: Any) -> None:
        super().__init__(kernel_spec_manager=KernelSpecManager(), **words)
        self.given: list[str] = []

    def give(self, *names: str) -> None:
        """Give pages their kernels, and send the pages."""
        for name in names:
            self.given.append(name)
            self._kernel_connections[name] = 0
            self.note_sent(name)

    def list_kernel_ids(self) -> list[str]:
        return self.given

    def __contains__(self, kernel_id: object) -> bool:
        return kernel_id in self.given

    async def shutdown_kernel(self, kernel_id: str, *_: Any, **__: Any) -> None:  # type: ignore[override]
        self.given.remove(kernel_id)


def test_pages_that_never_spoke_give_way_and_those_that_speak_stay() -> None:
    kernels = Given(most_pages=2, loading_seconds=0.0)
    kernels.give("first", "second")
    assert not kernels.is_full()
    kernels.give("third")
    asyncio.run(kernels.end_surplus())
    assert kernels.given == ["second", "third"]
    for name in kernels.given:
        kernels.notify_connect(name)
    assert kernels.is_full()
    kernels.notify_disconnect("third")  # its page has left, and may come back
    assert not kernels.is_full()


def test_a_page_that_is_still_loading_keeps_its_place() -> None:
    kernels = Given(most_pages=2, loading_seconds=100.0)
    kernels.give("first", "second")
    assert kernels.is_full()


def test_pages_that_are_left_while_they_come_take_no_place() -> None:
    kernels = Given(most_pages=2)
    kernels.give("first", "second")
    kernels.abandoned += 1
    assert not kernels.is_full()
    kernels.abandoned += 100  # each is a process meanwhile
    kernels.give("third", "fourth")
    assert kernels.is_full()


def test_a_connection_that_closes_before_it_is_open_is_not_counted() -> None:
    kernels = Given()
    kernels.give("page")
    with kernels.uncounted("page"):
        kernels.notify_disconnect("page")
    kernels.notify_connect("page")
    assert kernels._kernel_connections == {"page": 1}


@pytest.mark.parametrize("first", ["the page", "the start"])
def test_a_page_counts_once_that_takes_a_kernel_as_it_starts(first: str) -> None:
    async def count() -> list[int]:
        kernels, begins, runs = Slow(), asyncio.Event(), asyncio.Event()
        kernels.runs = runs
        start = asyncio.create_task(begun(begins, kernels))
        pool = kernels._pools = {"notebook": [start]}
        counts = []

        def taken_by_a_page() -> None:
            kernels.take("notebook")
            pool["notebook"].pop()

        for step in (begins.set, taken_by_a_page)[:: 1 if first == "the start" else -1]:
            counts.append(kernels.pages)
            step()
            await asyncio.sleep(0.01)
        counts.append(kernels.pages)
        runs.set()
        await start
        counts.append(kernels.pages)  # before Voila fills its pool again
        pool["notebook"].append(asyncio.get_running_loop().create_future())
        return [*counts, kernels.pages]

    assert asyncio.run(count()) == [0, int(first == "the page"), 1, 1, 1]


class Slow(PageKernels):
    """Kernels that start when they are told to, without a process."""

    runs: asyncio.Event

    async def _start(self, words: dict[str, Any]) -> str:
        await self.runs.wait()
        self._kernels[words["kernel_id"]] = None
        return words["kernel_id"]


async def begun(begins: asyncio.Event, kernels: PageKernels) -> str:
    await begins.wait()
    return await kernels.start_kernel(env=WAITING)


def test_kernels_keep_no_history_and_import_nothing_from_their_folder() -> None:
    manager = PageKernelManager(kernel_spec_manager=KernelSpecManager(), kernel_name="python3")
    _, *words = manager.format_kernel_cmd()
    assert words[0] == "-P"
    assert "oda_widgets.cli.page_kernel" in words
    assert "--HistoryManager.enabled=False" in words


@pytest.mark.parametrize(("number", "is_said"), [(zmq.ENOTSOCK, False), (zmq.EAGAIN, True)])
def test_an_answer_that_the_end_of_a_kernel_cuts_off_is_no_fault(
    number: int, *, is_said: bool
) -> None:
    error = zmq.ZMQError(number)
    told = (zmq.ZMQError, error, None)
    record = logging.LogRecord("IPKernelApp", logging.ERROR, "", 0, "Exception", (), told)
    assert is_fault(record) is is_said


@pytest.mark.parametrize(
    ("name", "is_said"), [("Kernel", False), ("IPythonKernel", False), ("Users", True)]
)
def test_a_task_that_a_kernel_never_began_is_no_fault(name: str, *, is_said: bool) -> None:
    code = f"""
from oda_widgets.cli.kernel_faults import ignore_errors_of_shutdown
ignore_errors_of_shutdown("IPKernelApp")
class {name}:
    async def work(self): ...
{name}().work()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ("never awaited" in done.stderr) is is_said


def test_a_task_that_the_end_of_a_kernel_cuts_off_is_no_fault() -> None:
    told = "Task was destroyed but it is pending!\ntask: <Task pending>"
    assert not is_fault(logging.LogRecord("asyncio", logging.ERROR, "", 0, told, (), None))
