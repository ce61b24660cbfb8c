"""Make the pictures of README and gallery: the real page, used in a real browser.

Run ``make screenshots``. The page is the one that ``oda-widgets app`` opens.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from playwright.sync_api import Page, expect, sync_playwright

from oda_widgets.cli.app import WORKBENCH
from scripts.gallery import PICTURES
from tests.browser.conftest import FLAGS
from tests.browser.watched import brush, click_source, expect_tab, wait_for_rings

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PORT = 8877
PATIENCE = 60
MAGNETAR = "SGR 1935+2154"


@contextmanager
def served() -> Iterator[str]:
    """Serve the page as a user would."""
    program = Path(sys.executable).with_name("oda-widgets")
    command = [program, "app", "--no-browser", "--port", str(PORT)]
    token = token_hex()
    environment = os.environ | {"JUPYTER_TOKEN": token}
    server = subprocess.Popen(command, cwd=ROOT, start_new_session=True, env=environment)  # noqa: S603 - ours
    address = f"http://127.0.0.1:{PORT}/"
    try:
        _wait_for(address)
        yield f"{address}voila/render/{WORKBENCH}?token={token}"
    finally:
        os.killpg(server.pid, signal.SIGTERM)  # the command and the server that it runs
        server.wait()


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{address}voila/static/require.min.js", timeout=2)  # noqa: S310
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.3)
        else:
            return


def photograph(page: Page, address: str) -> None:
    """Walk through the page, and keep a picture of each step."""
    page.goto(address)
    page.locator(".oda-workbench canvas").first.wait_for(timeout=PATIENCE * 1000)
    page.wait_for_timeout(1500)
    page.screenshot(path=PICTURES / f"{Path(WORKBENCH).stem}.png", scale="css")
    brush(page, 400, 412)
    brush(page, 1255, 1270, add=True)
    page.wait_for_timeout(800)
    page.screenshot(path=DOCS / "light_curve.png")
    page.get_by_role("button", name="Image these seconds").click()
    expect_tab(page, "Image and catalogue")
    wait_for_rings(page)
    page.wait_for_timeout(800)
    page.screenshot(path=DOCS / "workbench.png")
    click_source(page, MAGNETAR)
    expect_tab(page, "Spectrum")
    page.wait_for_timeout(1500)
    page.screenshot(path=DOCS / "spectrum.png")
    name = page.get_by_placeholder(f"Name, for example {MAGNETAR}")
    name.fill("Crab")
    name.press("Enter")
    expect(page.locator(".oda-plan:visible")).to_contain_text("50 windows")
    page.get_by_role("button", name="Choose on a map").click()
    page.locator(".oda-window-chooser canvas").first.wait_for(timeout=PATIENCE * 1000)
    page.wait_for_timeout(1500)
    page.screenshot(path=DOCS / "windows.png")


def take(photograph: Callable[[Page, str], None]) -> None:
    """Call a function that makes pictures with a page and the address of the workbench."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    expect.set_options(timeout=PATIENCE * 1000)
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, device_scale_factor=1.5)
        photograph(page, address)
        browser.close()


def main() -> None:
    """Make all pictures."""
    take(photograph)


if __name__ == "__main__":
    main()
