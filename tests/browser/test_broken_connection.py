"""A page whose connection to its kernel breaks: what was lost on the way is drawn all the same."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.watched import expect_tab, wait_for_rings
from tests.patience import PATIENCE

_KERNEL = "() => JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId"
_QUESTION = b'"type":"open"'  # for a figure, which the page asks once its frame is there
_REST = 3.0  # seconds without a word, after which all is said: a clock ticks as long as jobs run


class Line:
    """The socket between a page and its kernel, which can lose messages, and break.

    Parameters
    ----------
    page
        That is not open yet.
    """

    def __init__(self, page: Page) -> None:
        self.loses = ""  # the side whose messages are lost: "page", from its question on; "kernel"
        self._page = page
        self._has_lost = False
        self._latest = 0.0  # when anything was said
        self._ends: Any = None
        page.route_web_socket(re.compile("/channels"), self._open)

    def _open(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        self._ends = socket, server
        socket.on_message(partial(self._take, "page", server.send))
        server.on_message(partial(self._take, "kernel", socket.send))

    def _take(self, side: str, send: Callable[[str | bytes], None], text: str | bytes) -> None:
        self._latest = time.monotonic()
        asked = _QUESTION in (text.encode() if isinstance(text, str) else text)
        if side == self.loses and (side == "kernel" or asked):
            self._has_lost = True
        if side != self.loses or not self._has_lost:
            send(text)

    def cut(self) -> None:
        """Close the socket once all is said; the page opens another one by itself.

        Jupyter draws no widget that the kernel opens while one of its parts is lost on the way.
        """
        until = time.monotonic() + PATIENCE
        while not self._has_lost or time.monotonic() < self._latest + _REST:
            assert time.monotonic() < until, f"in {PATIENCE:g} s, not all of the image was said"
            self._page.wait_for_timeout(100)
        self.loses = ""
        for end in self._ends:
            end.close(code=1001)


@pytest.mark.parametrize("lost", ["page", "kernel"])
def test_what_was_lost_before_the_connection_broke_is_drawn(
    page: Page, app: str, lost: str
) -> None:
    line = Line(page)
    page.goto(app)
    expect(page.locator(".oda-workbench canvas").first).to_be_visible()
    page.get_by_role("tab", name="Image and catalogue").click()
    page.locator(".oda-left").get_by_text("Image", exact=True).click()
    submit = page.get_by_role("button", name="Submit", exact=True)
    expect(submit).to_be_enabled()
    line.loses = lost
    submit.click()
    if lost == "page":
        expect(page.locator(".oda-history")).to_contain_text("✓  Image 1")
    line.cut()
    expect_tab(page, "Image and catalogue")
    wait_for_rings(page)
    expect(page.locator(".oda-history")).to_contain_text("✓  Image 1")


def test_a_killed_kernel_is_named_in_sight_without_broken_chains(page: Page, app: str) -> None:
    page.goto(app)
    expect(page.locator(".oda-workbench canvas").first).to_be_visible()
    page.mouse.wheel(0, 600)
    kernel = page.evaluate(_KERNEL)
    words = ["ps", "-ww", "-eo", "pid=,args="]
    listed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    (process,) = [line.split()[0] for line in listed.splitlines() if kernel in line]
    os.kill(int(process), signal.SIGKILL)
    banner = page.get_by_role("alert").filter(has_text="has ended")
    expect(banner).to_be_in_viewport(timeout=PATIENCE * 1000)
    shown = "(all) => all.some((el) => getComputedStyle(el, '::before').display !== 'none')"
    assert not page.locator(".jupyter-widgets-disconnected").evaluate_all(shown)
    banner.get_by_role("button", name="Reload").click()
    expect(page.locator(".oda-workbench canvas").first).to_be_visible()
