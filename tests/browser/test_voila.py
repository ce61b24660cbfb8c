"""The web app: brush, image, click, spectrum; nothing leaves the machine."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import oda_widgets as oda
from oda_widgets.protocol.links import link_parameters
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import TimeInterval
from tests.browser.conftest import new_page
from tests.browser.watched import (
    Watched,
    brush,
    click_source,
    expect_tab,
    figure,
    in_the_end,
    settled,
    wait_for_rings,
)
from tests.patience import wait_until
from tests.servers.installed import clean_environment

MAGNETAR = "SGR 1935+2154"
MAGNETAR_HINT = f"Name, for example {MAGNETAR}"
# Of the paper's section 3.1, one science window in place of fifty.
PAPER = (
    "src_name=Crab&RA=83.633080&DEC=22.014500&radius=15&T1=2003-03-15T23:27:40.0"
    "&T2=2018-03-16T00:03:15.0&T_format=isot&E1_keV=20&E2_keV=40&instrument=isgri"
    "&osa_version=OSA10.2&product_type=isgri_image&detection_threshold=7.5&max_pointings=1"
)
BURST = oda.ImageQuery(
    science_windows=("255900280010.001",),
    source=Source("SGR 1935+2154", 293.73199, 21.89672),
    energy=(30, 90),  # type: ignore[arg-type]
    intervals=(TimeInterval(8320.6411, 8320.6413),),
)


def open_start(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".oda-workbench canvas").first).to_be_visible()


@contextmanager
def start_page(browser: Browser, address: str, width: int, height: int) -> Iterator[Watched]:
    """Open the page in a dark browser of some size."""
    with new_page(browser) as watched:
        watched.page.emulate_media(color_scheme="dark")
        watched.page.set_viewport_size({"width": width, "height": height})
        open_start(watched.page, address)
        yield watched


@pytest.fixture(scope="module")
def start(browser: Browser, voila: str) -> Iterator[Watched]:
    """Give the page as it opens; its tests leave it as it is."""
    with start_page(browser, voila, 1440, 900) as watched:
        yield watched


@pytest.fixture(scope="module")
def narrow_and_light(browser: Browser, voila: str) -> Iterator[Page]:
    """Give the page on a narrow screen, in the light theme that its address asks for."""
    with start_page(browser, f"{voila}&theme=light", 800, 1000) as watched:
        yield watched.page


@pytest.fixture
def opened(start: Watched) -> Iterator[Page]:
    """Give the page as it opens, and put the light curve in front again."""
    yield start.page
    start.page.get_by_role("tab", name="Light curve").click()


def test_the_installed_wheel_opens_the_page_without_the_repository(
    opened: Page, installed: Path, start: Watched, tmp_path: Path
) -> None:
    command = [installed / "bin" / "python", "-c", "import oda_widgets as o; print(o.__file__)"]
    shown = subprocess.run(
        command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=True
    )
    assert Path(shown.stdout.strip()).is_relative_to(installed)
    assert MAGNETAR in figure(opened)["title"]
    assert start.errors == []


def test_the_page_brings_its_icon(opened: Page) -> None:
    icon = opened.locator("link[rel=icon]").get_attribute("href")
    assert (icon or "").startswith("data:image/svg+xml")


def is_dark(page: Page) -> bool:
    return bool(
        page.evaluate("parseInt(getComputedStyle(document.body).backgroundColor.slice(4)) < 80")
    )


def test_the_page_is_dark_where_the_browser_is(opened: Page) -> None:
    expect(opened.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    assert is_dark(opened)


def test_the_address_can_ask_for_the_light_theme(narrow_and_light: Page) -> None:
    expect(narrow_and_light.locator("body")).to_have_attribute("data-jp-theme-light", "true")
    assert not is_dark(narrow_and_light)


def test_the_page_opens_with_the_real_burst_forest(opened: Page) -> None:
    view = figure(opened)
    assert MAGNETAR in view["title"]
    assert "1 s bins" in view["title"]
    assert "SIMULATED" not in view["title"]
    assert view["x"][1] > 3500


def test_brushed_seconds_become_an_image_and_a_clicked_source_a_spectrum(
    page: Page, voila: str, watched: Watched
) -> None:
    open_start(page, voila)
    brush(page, 400, 412)
    brush(page, 1255, 1270, add=True)
    expect(page.locator(".oda-selection-bar .oda-selection")).to_have_text(
        re.compile("27 s in 2 intervals")
    )
    page.get_by_role("button", name="Image these seconds").click()
    expect_tab(page, "Image and catalogue")
    click_source(page, MAGNETAR)
    expect_tab(page, "Spectrum")
    view = figure(page)
    assert MAGNETAR in view["title"]
    assert view["x"][0] > 10
    assert watched.errors == []
    assert watched.outside == []


def test_an_error_of_ours_is_shown_beside_its_field(opened: Page, start: Watched) -> None:
    field = opened.get_by_placeholder(MAGNETAR_HINT)
    field.fill("Nibiru <b>X-1</b>")
    field.press("Enter")
    alert = opened.get_by_role("alert")
    expect(alert).to_contain_text("Nibiru <b>X-1</b>")
    field.fill(MAGNETAR)
    field.press("Enter")
    expect(opened.get_by_text("Nibiru <b>X-1</b>")).to_have_count(0)
    assert start.errors == []


def test_the_history_of_a_product_is_seen(opened: Page, start: Watched) -> None:
    opened.locator(".oda-controls").get_by_role("button", name="History").click()
    expect_tab(opened, "History")
    expect(opened.locator(".oda-step")).to_contain_text("ISGRILCSum")
    (efficiency,) = settled(opened, (-4, 0))["points"]
    opened.mouse.click(*efficiency)
    expect(opened.locator(".oda-step")).to_contain_text("isgri_efficiency")
    with opened.expect_download() as download:
        opened.get_by_role("button", name="PROV-JSON").click()
    assert download.value.suggested_filename.endswith(".json")
    opened.get_by_role("button", name="Copy citation").click()
    expect(opened.get_by_role("button", name="Copied")).to_be_visible()
    assert start.errors == []
    assert start.outside == []


def fill(fields: list[Locator], texts: Iterable[str]) -> None:
    for field, text in zip(fields, texts, strict=True):
        field.fill(text)
        field.press("Enter")


def test_a_simulated_source_is_planned_before_it_is_asked(opened: Page, start: Watched) -> None:
    fields = [opened.get_by_placeholder(p, exact=True) for p in (MAGNETAR_HINT, "2004", "2005")]
    fields.append(opened.locator(".oda-field", has_text="At most").locator("input"))
    before = [field.input_value() for field in fields]
    fill(fields, ("Crab", "2004", "2005", "10"))
    expect(opened.locator(".oda-plan:visible")).to_contain_text("10 windows, ")
    expect(opened.locator(".oda-simulated").first).to_be_visible()
    opened.get_by_role("button", name="Plan", exact=True).click()
    expect_tab(opened, "History")
    expect(opened.locator(".oda-step")).to_contain_text("mosaic_ii_skyimage")
    fill(fields, before)
    expect(opened.locator(".oda-plan:visible")).not_to_contain_text("10 windows, ")
    assert start.errors == []


def test_the_figure_is_drawn_on_a_narrow_page(narrow_and_light: Page) -> None:
    page = narrow_and_light
    left, right = page.locator(".oda-left"), page.locator(".oda-right")
    assert left.bounding_box()["width"] > 700
    assert right.bounding_box()["y"] < left.bounding_box()["y"]
    overflow = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) <= 0


@contextmanager
def other_site(folder: Path, page: str) -> Iterator[str]:
    """Serve a page as another site would: by another name of this machine."""
    (folder / "index.html").write_text(page)
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=folder)
    )
    with server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


def test_frames_of_another_site_start_no_kernel_and_its_link_asks(
    opened: Page, tmp_path: Path
) -> None:
    """The reader has the page open, and its cookie; another site loads it twenty times unseen."""
    address, loads = opened.url, []
    opened.context.on("response", lambda response: loads.append((response.url, response.status)))
    frames = "".join(f'<iframe src="{address}?x={number}"></iframe>' for number in range(20))
    link = urljoin(address, "/?src_name=Vela")  # as links are: they cannot know the door
    with other_site(tmp_path, f'{frames}<a href="{link}">link</a>') as evil:
        other = opened.context.new_page()
        other.goto(evil)
        frames_got = sorted((f"{address}?x={n}", 403) for n in range(20))

        def check() -> None:
            assert sorted(loads)[:20] == frames_got

        in_the_end(other, check)
        other.get_by_text("link").click()
        expect(other.get_by_text("A link from another site leads here")).to_be_visible()
        other.get_by_text("Open it in oda_widgets").click()
        expect(other.locator(".oda-workbench canvas").first).to_be_visible()
        assert other.url == f"{address}?src_name=Vela"
        other.close()


def test_a_page_of_an_earlier_start_leads_to_that_of_now(opened: Page) -> None:
    earlier = re.sub(r"/door-[\w-]{43}/", f"/door-{'x' * 43}/", opened.url)
    other = opened.context.new_page()
    other.goto(earlier)
    expect(other.locator(".oda-workbench canvas").first).to_be_visible()
    assert other.url == opened.url
    # In a browser that has not entered since, it says what to do, and leads to itself no more.
    door = f"/door-{'x' * 43}/"
    other.evaluate(f"localStorage.setItem('oda_widgets door', '{door}')")
    other.goto(earlier)
    expect(other.get_by_text("This page is of an earlier start of the app")).to_be_visible()
    assert other.url == earlier
    expect(other.get_by_text("Open it in oda_widgets")).to_be_hidden()
    other.evaluate("door => localStorage.setItem('oda_widgets door', door)", _door_of(opened.url))
    other.close()


def _door_of(address: str) -> str:
    found = re.search(r"/door-[\w-]{43}/", address)
    assert found is not None
    return found[0]


def test_the_kernel_of_a_page_that_is_loaded_again_at_once_ends(opened: Page) -> None:
    other = opened.context.new_page()
    other.goto(opened.url, wait_until="commit")
    other.wait_for_selector("#jupyter-config-data", state="attached")
    settings = "JSON.parse(document.getElementById('jupyter-config-data').textContent)"
    kernel = other.evaluate(f"{settings}.baseUrl + 'api/kernels/' + {settings}.kernelId")
    other.reload()
    wait_until(lambda: opened.context.request.get(urljoin(opened.url, kernel)).status == 404)
    other.close()


def test_no_other_port_is_sent_a_cookie_of_the_app(opened: Page) -> None:
    """Each port of this machine may be the server of another user."""
    sent = []

    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sent.append(self.headers.get("Cookie"))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        page = opened.context.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/voila/render/8_any_source.ipynb")
        page.close()
        server.shutdown()
    assert opened.context.cookies(opened.url)
    assert set(sent) == {None}


def test_links_of_the_paper_and_of_ours_start_their_analysis(
    page: Page, voila: str, watched: Watched
) -> None:
    page.goto(f"{voila}&{PAPER}")
    latest = page.locator(".oda-history-line").first
    expect(latest).to_have_text(re.compile(r"Image 1 · Crab · ISGRI · 20.40 keV"))
    expect(page.get_by_placeholder("Name, for example SGR 1935+2154")).to_have_value("Crab")
    expect(page.locator(".oda-plan:visible")).to_contain_text("1 window")
    page.goto(f"{voila}&{link_parameters(BURST)}")
    expect(latest).to_have_text(re.compile(r"✓ +Image \d · SGR 1935\+2154 · ISGRI · 30.90 keV"))
    expect_tab(page, "Image and catalogue")
    wait_for_rings(page)
    assert watched.errors == []
    assert watched.outside == []
