"""Somebody who clicks, types, drags and reloads at random: no traceback, and no figure that lies.

Now and then the kernel of the page is killed, as the system does where memory is short.

``ODA_WIDGETS_TEST_WALKS`` is the number of walks, 200 by default.
"""

from __future__ import annotations

import os
import random
import re
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocket
from playwright.sync_api import Error as PlaywrightError

from tests.browser.conftest import new_page
from tests.browser.watched import brush, figure

WALKS = int(os.environ.get("ODA_WIDGETS_TEST_WALKS", "200"))
STEPS = 60
WORDS = ("", "28", "40", "1e", "-5", "2004", "rev 60", "Cyg", "<b>x</b>", "7")
ANY_FIGURE = """() => [...(window.Bokeh?.index.roots ?? [])]
  .some((view) => view.model.type === "Figure" && view.el.offsetWidth > 0)"""
SHORT = 1500  # ms in which a control that is there can be used
# What a page that is left says of what it was doing; Voila's own, about kernels that end.
LEFT = re.compile(
    r"WebSocket|ERR_|Failed to load resource|Kernel|NetworkError|Failed to fetch|Cannot send"
)


def visible(page: Page, selector: str) -> Locator:
    return page.locator(selector).locator("visible=true")


def processes_of(kernel: str) -> list[int]:
    """Return the processes with a kernel's id in their command."""
    if not kernel:
        return []
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended meanwhile
            if f"kernel-{kernel}" in command.read_text(errors="replace"):
                found.append(int(command.parent.name))
    return found


class Walker:
    """Does one thing after another on a page, as its seed says."""

    def __init__(self, page: Page, seed: int) -> None:
        self.page = page
        self.random = random.Random(seed)
        self.done: list[str] = []
        self.kernel = ""
        page.on("websocket", self._connected)
        self.acts: list[Callable[[], str]] = [
            *[self.press_a_button] * 8,
            *[self.type_something] * 4,
            *[self.choose_something] * 3,
            *[self.drag] * 4,
            *[self.click_anywhere] * 2,
            self.open_a_tab,
            self.use_a_key,
            self.go_back_or_forth,
            self.reload,
            self.lose_the_kernel,
        ]

    def _connected(self, socket: WebSocket) -> None:
        found = re.search(r"/api/kernels/([\w-]+)", socket.url)
        if found:
            self.kernel = found[1]

    def step(self) -> None:
        act = self.random.choice(self.acts)
        self.return_to_the_page()
        with suppress(PlaywrightError):  # what it would use is not there, or off
            self.done.append(f"{act.__name__}: {act()}")
        self.page.wait_for_timeout(self.random.choice((0, 30, 150, 600)))

    def one_of(self, selector: str) -> Locator:
        found = visible(self.page, selector)
        return found.nth(self.random.randrange(max(found.count(), 1)))

    def press_a_button(self) -> str:
        button = self.one_of(".oda-workbench button:enabled")
        text = button.inner_text(timeout=SHORT)
        if text not in {"New session", "Open…", "Add from a file…", "Upload a list…"}:
            button.click(timeout=SHORT)
        return text

    def type_something(self) -> str:
        text = self.random.choice(WORDS)
        field = self.one_of(".oda-workbench input[type=text], .oda-workbench textarea")
        field.fill(text, timeout=SHORT)
        if self.random.random() < 0.5:
            field.press("Enter", timeout=SHORT)
        return text

    def choose_something(self) -> str:
        menu = self.one_of(".oda-workbench select")
        menu.select_option(index=self.random.randrange(3), timeout=SHORT)
        return "a menu"

    def drag(self) -> str:
        start = self.random.uniform(0, 3000)
        if visible(self.page, ".oda-selection-bar").count() and self.page.evaluate(ANY_FIGURE):
            brush(self.page, start, start + 20, add=self.random.random() < 0.3)
        return f"{start:.0f}"

    def click_anywhere(self) -> str:
        place = self.random.uniform(360, 1400), self.random.uniform(100, 850)
        self.page.mouse.click(*place)
        return f"{place[0]:.0f} {place[1]:.0f}"

    def open_a_tab(self) -> str:
        tab = self.one_of(".oda-tabs .lm-TabBar-tab")
        tab.click(timeout=SHORT)
        return tab.inner_text()

    def use_a_key(self) -> str:
        key = self.random.choice(("Control+z", "Control+y", "Escape", "Tab", "a", "b", "Enter"))
        self.page.keyboard.press(key)
        return key

    def go_back_or_forth(self) -> str:
        move = self.random.choice(("back", "forward"))
        self.page.evaluate(f"history.{move}()")
        return move

    def return_to_the_page(self) -> None:
        """Come back from the empty page that is there before the first one."""
        if self.page.url == "about:blank":
            self.page.go_forward()
            self.page.locator(".oda-tabs").wait_for()

    def reload(self) -> str:
        self.page.reload()
        self.page.locator(".oda-tabs").wait_for()
        return ""

    def lose_the_kernel(self) -> str:
        """Kill the kernel, go on for a moment, and reload as the page advises."""
        for process in processes_of(self.kernel):
            os.kill(process, signal.SIGKILL)
        if self.random.random() < 0.5:
            self.press_a_button()
        self.page.wait_for_timeout(300)
        return self.reload()

    def check(self, errors: list[str]) -> None:
        """Fail if the page shows a defect, or a figure under the form of another query."""
        story = "\n".join(self.done[-15:])
        ours = [error for error in errors if not LEFT.search(error)]
        assert ours == [], story
        text = self.page.locator("body").inner_text()
        assert "that should not" not in text, f"{text}\n{story}"
        assert "Traceback" not in text, story

    def check_figure(self) -> None:
        """Fail if a figure without a mark is of another band than the form's."""
        page = self.page
        page.wait_for_timeout(1500)
        self.return_to_the_page()
        tab = visible(page, ".oda-tab")
        marked = tab.locator(".oda-status").locator("visible=true").count()
        ready = page.get_by_role("button", name="Submit").is_enabled()
        named = page.locator(".lm-mod-current").inner_text()
        if marked or not ready or not named.startswith(("Image", "Light")):
            return
        if not tab.locator("canvas").count():
            return
        ends = [
            page.locator(".oda-field", has_text=label).locator("input").first.input_value()
            for label in ("From (keV)", "to (keV)")
        ]
        title = figure(page)["title"]
        if "keV" in title:  # several bands stand in the legend
            assert f"{float(ends[0]):g}–{float(ends[1]):g} keV" in title, self.done[-15:]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(WALKS))
def test_a_random_walk_finds_no_defect(browser: Browser, app: str, seed: int) -> None:
    with new_page(browser) as watched:
        page = watched.page
        page.on("dialog", lambda dialog: dialog.accept())
        walker = Walker(page, seed)
        page.goto(app)
        page.locator(".oda-workbench canvas").first.wait_for()
        for number in range(STEPS):
            walker.step()
            walker.check(watched.errors)
            if number % 20 == 19:
                walker.check_figure()
        walker.check_figure()
        walker.check(watched.errors)
