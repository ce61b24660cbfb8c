"""Photograph a survey on the page: 30 simulated science windows of eight years.

``python -m scripts.photograph_survey``
"""

from __future__ import annotations

from playwright.sync_api import Page, expect

from oda_widgets.views.still import in_few_colours
from scripts.make_screenshots import DOCS, MAGNETAR, PATIENCE, take

WINDOWS = 30
LONGEST = 1200  # seconds that a busy machine may take


def photograph(page: Page, address: str) -> None:
    """Start the survey, and keep a picture of its end."""
    page.goto(f"{address}&theme=light")
    page.locator(".oda-workbench canvas").first.wait_for(timeout=PATIENCE * 1000)
    name = page.get_by_placeholder(f"Name, for example {MAGNETAR}")
    for field, text in (
        (name, ""),
        (page.get_by_placeholder("2004", exact=True), "2003"),
        (page.get_by_placeholder("2005", exact=True), "2011"),
        (page.locator(".oda-field", has_text="At most").locator("input"), str(WINDOWS)),
    ):
        field.fill(text)
        field.press("Enter")
    page.get_by_role("tab", name="Survey").click()
    expect(page.locator(".oda-survey")).to_contain_text(f"{WINDOWS} science windows")
    page.get_by_role("button", name="Start survey").click()
    done = f"{WINDOWS} of {WINDOWS}"
    expect(page.locator(".oda-survey")).to_contain_text(done, timeout=LONGEST * 1000)
    page.wait_for_timeout(2000)
    (DOCS / "survey.png").write_bytes(in_few_colours(page.screenshot()))


def main() -> None:
    """Make the picture."""
    take(photograph)


if __name__ == "__main__":
    main()
