"""The fit panel in a real browser: a slider, a fit, a mistake, errors."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.watched import Watched


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
    expression = panel.locator("input[type=text]").first
    expression.fill("powerlow")
    expression.press("Enter")
    expect(panel).to_contain_text("Did you mean powerlaw")
    assert watched.errors == []
    assert watched.outside == []
