"""A page whose connection to its kernel breaks: what was lost on the way is drawn all the same."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.watched import expect_tab, wait_for_rings
from tests.patience import PATIENCE

_KERNEL = "() => JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId"


class Line:
    """The socket between a page and its kernel, which a test can make deaf, and cut."""

    def __init__(self, page: Page) -> None:
        self.deaf = ""  # the side whose messages are lost: "page" or "kernel"
        self._socket: Any = None
        page.route_web_socket(re.compile("/channels"), self._open)

    def _open(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        self._socket = socket, server
        socket.on_message(lambda text: None if self.deaf == "page" else server.send(text))
        server.on_message(lambda text: None if self.deaf == "kernel" else socket.send(text))

    def cut(self) -> None:
        """Close the socket; the page opens another one by itself."""
        self.deaf = ""
        for end in self._socket:
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
    if lost == "page":  # the question for a figure, which the page asks once its frame is there
        submit.click()
        line.deaf = lost
        expect(page.locator(".oda-history")).to_contain_text("✓  Image 1")
    else:
        line.deaf = lost
        submit.click()
        page.wait_for_timeout(2000)
    page.wait_for_timeout(1000)
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
