"""A link opens the page with its question, and the analysis starts."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

import oda_widgets as oda
from oda_widgets.protocol.links import link_parameters
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import TimeInterval
from tests.browser.watched import Watched, expect_tab, wait_for_rings

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


def test_links_of_the_paper_and_of_ours_start_their_analysis(
    page: Page, voila: str, watched: Watched
) -> None:
    page.goto(f"{voila}?{PAPER}")
    latest = page.locator(".oda-history-line").first
    expect(latest).to_have_text(re.compile(r"Image · 20.40 keV"))
    expect(page.get_by_placeholder("Name, for example SGR 1935+2154")).to_have_value("Crab")
    expect(page.locator(".oda-plan")).to_contain_text("1 window")
    page.goto(f"{voila}?{link_parameters(BURST)}")
    expect(latest).to_have_text(re.compile(r"✓ +Image · 30.90 keV"))
    expect_tab(page, "Image and catalogue")
    wait_for_rings(page)
    assert watched.errors == []
    assert watched.outside == []
