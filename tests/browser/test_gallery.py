"""The gallery and its apps: recorded answers, new ones, links; also behind Binder's prefix."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.watched import Watched

BURST = "A gamma-ray burst seen by the shield"
PICTURES = "[...document.images].every((image) => image.naturalWidth > 0)"


def expect_state(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.locator(".oda-app > .oda-quiet").first).to_contain_text(text)


def test_an_app_is_computed_again_and_its_address_holds_the_choices(
    page: Page, app: str, watched: Watched
) -> None:
    page.goto(re.sub(r"/voila/render/[^?]+", "/", app))
    page.get_by_text(BURST).click()
    expect_state(page, "Recorded on")
    page.get_by_role("button", name="Compute again").click()
    # Other tests may have asked the same.
    expect_state(page, re.compile("Computed now|From the store of results"))
    page.locator(".oda-app select").first.select_option(label="GRB 200415A")
    expect(page.locator(".oda-card-title h2")).to_have_text("GRB 200415A")
    expect(page).to_have_url(re.compile(r"burst=GRB\+200415A&time_bin=0\.1"))
    page.reload()
    expect(page.locator(".oda-card-title h2")).to_have_text("GRB 200415A")
    # A page that is left while it tells its kernel something says "Cannot send".
    assert set(watched.errors) <= {"Cannot send"}


def test_the_gallery_and_its_apps_work_behind_a_prefix_and_ask_no_other_server(
    page: Page, hub: str, watched: Watched
) -> None:
    page.goto(f"{hub}voila/tree/notebooks")
    assert page.evaluate(PICTURES)
    page.get_by_text(BURST).click()
    expect(page.locator(".oda-app canvas").first).to_be_visible()
    page.get_by_text("All apps").click()
    expect(page.get_by_text("Tutorial crab")).to_be_visible()
    # A page that is left while it tells its kernel something says "Cannot send".
    assert set(watched.errors) <= {"Cannot send"}
    assert watched.outside == []


def test_what_is_wider_than_a_narrow_page_scrolls(page: Page, app: str, watched: Watched) -> None:
    page.set_viewport_size({"width": 420, "height": 900})
    page.goto(re.sub("8_any_source", "3_gx_5_1", app))
    expect(page.locator(".oda-app-figures canvas").nth(20)).to_be_attached()  # of the corner plot
    cut = """[...document.querySelectorAll('.oda-app-figures .oda-pane')].map((pane) => [
      pane.scrollWidth > pane.clientWidth, getComputedStyle(pane).overflowX])"""
    panes = page.evaluate(cut)
    assert [True, "auto"] in panes
    assert [True, "hidden"] not in panes
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) <= 0
    assert watched.errors == []
