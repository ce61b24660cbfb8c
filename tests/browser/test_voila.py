"""The web app: brush, image, click, spectrum; nothing leaves the machine."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import oda_widgets as oda
from oda_widgets.protocol.links import link_parameters
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import TimeInterval
from tests.browser.conftest import new_page
from tests.browser.watched import Watched, brush, click_source, expect_tab, figure, wait_for_rings
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


@pytest.fixture
def opened(page: Page, voila: str) -> Page:
    open_start(page, voila)
    return page


@pytest.fixture(scope="module")
def imaged(browser: Browser, voila: str) -> Iterator[Page]:
    """Return a page with an image; its tests leave it as it is."""
    with new_page(browser) as watched:
        page = watched.page
        open_start(page, voila)
        brush(page, 400, 412)
        page.get_by_role("button", name="Image these seconds").click()
        expect_tab(page, "Image and catalogue")
        wait_for_rings(page)
        yield page


def test_the_installed_wheel_opens_the_page_without_the_repository(
    opened: Page, installed: Path, watched: Watched, tmp_path: Path
) -> None:
    command = [installed / "bin" / "python", "-c", "import oda_widgets as o; print(o.__file__)"]
    shown = subprocess.run(
        command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=True
    )
    assert Path(shown.stdout.strip()).is_relative_to(installed)
    assert MAGNETAR in figure(opened)["title"]
    assert watched.errors == []


def test_the_page_opens_with_the_real_burst_forest(opened: Page) -> None:
    view = figure(opened)
    assert MAGNETAR in view["title"]
    assert "1 s bins" in view["title"]
    assert "SIMULATED" not in view["title"]
    assert view["x"][1] > 3500


def test_brushed_seconds_become_an_image_and_a_clicked_source_a_spectrum(
    opened: Page, watched: Watched
) -> None:
    brush(opened, 400, 412)
    brush(opened, 1255, 1270, add=True)
    expect(opened.locator(".oda-selection")).to_have_text(re.compile("27 s in 2 intervals"))
    opened.get_by_role("button", name="Image these seconds").click()
    expect_tab(opened, "Image and catalogue")
    click_source(opened, MAGNETAR)
    expect_tab(opened, "Spectrum")
    view = figure(opened)
    assert MAGNETAR in view["title"]
    assert view["x"][0] > 10
    assert watched.errors == []
    assert watched.outside == []


def test_sky_pixels_are_square(imaged: Page) -> None:
    view = figure(imaged)
    across = view["width"] / (view["x"][1] - view["x"][0])
    upward = view["height"] / (view["y"][1] - view["y"][0])
    assert across == pytest.approx(upward, rel=0.005)


def test_the_pointer_reads_the_sky(imaged: Page) -> None:
    place = dict(figure(imaged)["rings"])[MAGNETAR]
    imaged.mouse.move(place[0] + 1, place[1] + 1, steps=3)
    readout = imaged.locator(".bk-Tooltip")
    expect(readout).to_contain_text(re.compile(r"19h 3[45]m"))
    expect(readout).to_contain_text(re.compile(r"\+2[12]° \d\d′ \d\d″"))
    expect(readout).to_contain_text(re.compile(r"29[34]\.\d{4}°, \+2[12]\.\d{4}°"))


def test_an_error_of_ours_is_shown_beside_its_field(opened: Page, watched: Watched) -> None:
    field = opened.get_by_placeholder(MAGNETAR_HINT)
    field.fill("Nibiru <b>X-1</b>")
    field.press("Enter")
    alert = opened.get_by_role("alert")
    expect(alert).to_contain_text("Nibiru <b>X-1</b>")
    assert watched.errors == []


def test_a_table_row_marks_its_source_in_the_image(imaged: Page) -> None:
    imaged.locator(".slick-row", has_text=MAGNETAR).locator(".slick-cell").nth(4).click()
    chosen = """() => [...Bokeh.index.roots].flatMap((v) => v.model.renderers ?? [])
        .some((r) => r.data_source.data.color && r.data_source.selected.indices.length)"""
    imaged.wait_for_function(chosen)


def test_the_history_of_a_product_is_seen(opened: Page, watched: Watched) -> None:
    opened.locator(".oda-controls").get_by_role("button", name="History").click()
    expect_tab(opened, "History")
    expect(opened.locator(".oda-step")).to_contain_text("ISGRILCSum")
    opened.wait_for_timeout(500)  # until the layout has settled
    (events,) = figure(opened, (-2, 0.5))["points"]
    opened.mouse.click(*events)
    expect(opened.locator(".oda-step")).to_contain_text("ISGRIEvents")
    with opened.expect_download() as download:
        opened.get_by_role("button", name="PROV-JSON").click()
    assert download.value.suggested_filename.endswith(".json")
    opened.get_by_role("button", name="Copy citation").click()
    expect(opened.get_by_role("button", name="Copied")).to_be_visible()
    assert watched.errors == []
    assert watched.outside == []


def test_a_simulated_source_is_planned_before_it_is_asked(opened: Page, watched: Watched) -> None:
    for place, text in {MAGNETAR_HINT: "Crab", "2004": "2004", "2005": "2005"}.items():
        opened.get_by_placeholder(place, exact=True).fill(text)
        opened.get_by_placeholder(place, exact=True).press("Enter")
    most = opened.locator(".oda-field", has_text="At most").locator("input")
    most.fill("10")
    most.press("Enter")
    expect(opened.locator(".oda-plan")).to_contain_text("10 windows, ")
    expect(opened.locator(".oda-simulated").first).to_be_visible()
    opened.get_by_role("button", name="Plan", exact=True).click()
    expect_tab(opened, "History")
    expect(opened.locator(".oda-step")).to_contain_text("mosaic_ii_skyimage")
    assert watched.errors == []


def test_a_page_can_be_loaded_again(opened: Page, watched: Watched) -> None:
    opened.reload()
    expect(opened.locator(".oda-workbench canvas").first).to_be_visible()
    brush(opened, 400, 412)
    expect(opened.locator(".oda-selection")).to_have_text(re.compile("12 s in 1 interval"))
    assert watched.errors == []  # Voila, too, could stop the kernel of the first


def test_the_figure_is_drawn_on_a_narrow_page(page: Page, voila: str) -> None:
    page.set_viewport_size({"width": 800, "height": 1000})
    page.goto(voila)
    expect(page.locator(".oda-workbench canvas").first).to_be_visible()
    left, right = page.locator(".oda-left"), page.locator(".oda-right")
    assert left.bounding_box()["width"] > 700
    assert right.bounding_box()["y"] < left.bounding_box()["y"]
    overflow = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) <= 0


def test_links_of_the_paper_and_of_ours_start_their_analysis(
    page: Page, voila: str, watched: Watched
) -> None:
    page.goto(f"{voila}?{PAPER}")
    latest = page.locator(".oda-history-line").first
    expect(latest).to_have_text(re.compile(r"Image 1 · Crab · 20.40 keV"))
    expect(page.get_by_placeholder("Name, for example SGR 1935+2154")).to_have_value("Crab")
    expect(page.locator(".oda-plan")).to_contain_text("1 window")
    page.goto(f"{voila}?{link_parameters(BURST)}")
    expect(latest).to_have_text(re.compile(r"✓ +Image \d · SGR 1935\+2154 · 30.90 keV"))
    expect_tab(page, "Image and catalogue")
    wait_for_rings(page)
    assert watched.errors == []
    assert watched.outside == []
