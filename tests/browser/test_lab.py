"""The same notebook in JupyterLab; typing into the catalogue stays in the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import new_page
from tests.browser.watched import Watched, brush, expect_tab, wait_for_rings

NAME = "Bella dd x-1"  # letters that JupyterLab takes for shortcuts: b, a, d d, x


@pytest.fixture(scope="module")
def watched(browser: Browser, lab: str) -> Iterator[Watched]:
    """Give a page with the notebook, run; its tests leave the cells as they are."""
    with new_page(browser) as watched:
        page = watched.page
        page.goto(lab)
        expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        expect(page.locator(".oda-workbench canvas").first).to_be_visible()
        yield watched


@pytest.fixture
def opened(watched: Watched) -> Page:
    """Give the page with the light curve in front."""
    watched.page.get_by_role("tab", name="Light curve").click()
    return watched.page


def test_the_catalogue_is_edited_without_losing_a_key(opened: Page, watched: Watched) -> None:
    cells = opened.locator(".jp-Notebook .jp-Cell")
    before = cells.count()
    brush(opened, 400, 412)
    opened.get_by_role("button", name="Image these seconds").click()
    expect_tab(opened, "Image and catalogue")
    wait_for_rings(opened)
    name = opened.locator(".slick-row").first.locator(".slick-cell").nth(1)
    name.dblclick()
    editor = opened.locator(".slick-cell.editable input")
    expect(editor).to_be_focused()
    editor.press("Control+a")
    opened.keyboard.type(NAME, delay=20)
    opened.keyboard.press("Enter")
    expect(opened.locator(".slick-row").first).to_contain_text(NAME)
    opened.wait_for_function(
        "(name) => [...Bokeh.index.roots].flatMap((v) => v.model.renderers ?? [])"
        ".some((r) => [...(r.data_source.data.name ?? [])].includes(name))",
        arg=NAME,
    )
    assert cells.count() == before
    assert watched.errors == []
    assert watched.outside == []


@pytest.mark.parametrize("place", [".lm-TabBar-tab", ".jupyter-button.oda-chip:enabled"])
def test_letters_typed_on_a_control_insert_no_cell(opened: Page, place: str) -> None:
    cells = opened.locator(".jp-Notebook .jp-Cell")
    before = cells.count()
    control = opened.locator(".oda-workbench").locator(place).locator("visible=true").first
    control.click()
    control.focus()
    for key in ("a", "b", "Escape", "b"):
        opened.keyboard.press(key)
    opened.wait_for_timeout(300)
    assert cells.count() == before


def test_the_figure_follows_the_theme(opened: Page) -> None:
    for theme, light in (("JupyterLab Dark", "false"), ("JupyterLab Light", "true")):
        opened.get_by_role("menuitem", name="Settings", exact=True).click()
        opened.get_by_text("Theme", exact=True).hover()
        opened.get_by_role("menuitem", name=theme, exact=True).click()
        expect(opened.locator("body")).to_have_attribute("data-jp-theme-light", light)
        expect(opened.locator(".oda-workbench canvas").first).to_be_visible()
