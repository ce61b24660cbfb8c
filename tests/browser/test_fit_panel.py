"""The fit panel in a real browser: a slider, a fit, a mistake, errors."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.watched import Watched, cut, in_the_end


def test_a_spectrum_is_fitted_by_hand(page: Page, voila_fit: str, watched: Watched) -> None:
    page.goto(voila_fit)
    panel = page.locator(".oda-fit-panel")
    expect(panel.locator("canvas").first).to_be_visible()
    summary = panel.get_by_text(re.compile("degrees of freedom"))
    best = summary.inner_text()
    slider = panel.locator(".oda-fit-table .noUi-handle").first
    slider.focus()
    slider.press("ArrowRight")
    expect(summary).not_to_have_text(best)
    panel.get_by_role("button", name="Fit", exact=True).click()
    expect(summary).to_have_text(best)
    panel.get_by_role("button", name="Errors").click()
    expect(panel.locator(".oda-fit-table")).to_contain_text(re.compile(r"−0\.0\d+ \+0\.0\d+"))
    check_that_no_number_is_cut_at_any_width(page)
    expression = panel.locator("input[type=text]").first
    expression.fill("powerlow")
    expression.press("Enter")
    expect(panel).to_contain_text("Did you mean powerlaw")
    assert watched.errors == []
    assert watched.outside == []


def check_that_no_number_is_cut_at_any_width(page: Page) -> None:
    for width in (1920, 1440, 1000, 800, 600, 420, 360):
        page.set_viewport_size({"width": width, "height": 900})

        def check() -> None:
            assert cut(page) == []

        in_the_end(page, check)
    page.set_viewport_size({"width": 1440, "height": 900})
