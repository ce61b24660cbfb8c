"""The session in a real browser: its address, undo, back and forward, and a reload."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.watched import Watched, brush, expect_tab, figure, wait_for_rings, wait_for_title

TAB_KEEPS = "words => Object.values(sessionStorage).some(session => session.includes(words))"


def test_nothing_is_lost_by_undo_back_and_reload(page: Page, app: str, watched: Watched) -> None:
    page.goto(app)
    expect(page.locator(".oda-workbench canvas").first).to_be_visible()
    brush(page, 400, 412)
    page.get_by_role("button", name="Image these seconds").click()
    expect_tab(page, "Image and catalogue")
    wait_for_rings(page)
    expect(page).to_have_url(re.compile("product_type=isgri_image"))

    low = page.locator(".oda-field", has_text="From (keV)").locator("input")
    low.fill("40")
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()
    low.blur()
    page.keyboard.press("Control+z")
    expect(low).to_have_value("28")
    page.keyboard.press("Control+y")
    expect(low).to_have_value("40")

    page.get_by_role("button", name="Submit").click()
    expect(page.locator(".oda-history-line").first).to_have_text(re.compile("✓ +Image 2"))
    page.go_back()
    expect(low).to_have_value("28")
    page.go_forward()
    expect(low).to_have_value("40")

    wait_for_title(page, "40–150 keV")
    shown_map = page.locator(".oda-controls select").locator("visible=true").first
    shown_map.select_option("exposure")
    page.wait_for_function(TAB_KEEPS, arg='"exposure"')
    page.reload()
    expect_tab(page, "Image and catalogue")
    wait_for_rings(page)
    assert "40–150 keV" in figure(page)["title"]
    expect(shown_map).to_have_value("exposure")
    expect(low).to_have_value("40")
    page.get_by_role("tab", name="Jobs").click()
    expect(page.locator(".oda-row-table tbody tr")).to_have_count(3)
    assert watched.errors == []
    assert watched.outside == []
