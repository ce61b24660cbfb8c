"""Figures and the table beside them: as big as their column, and numbers that belong to them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import new_page
from tests.browser.watched import (
    brush,
    click_source,
    colour_bar,
    expect_tab,
    figure,
    in_the_end,
    settled,
    wait_for_rings,
)

MAGNETAR = "SGR 1935+2154"
SOURCE = f"Name, for example {MAGNETAR}"


@pytest.fixture(scope="module")
def imaged(browser: Browser, app: str) -> Iterator[Page]:
    """Return a page with an image."""
    with new_page(browser) as watched:
        page = watched.page
        page.goto(app)
        expect(page.locator(".oda-workbench canvas").first).to_be_visible()
        brush(page, 400, 412)
        page.get_by_role("button", name="Image these seconds").click()
        expect_tab(page, "Image and catalogue")
        wait_for_rings(page)
        yield page
        assert watched.errors == []
        assert watched.outside == []


def test_the_pointer_reads_the_sky(imaged: Page) -> None:
    place = dict(figure(imaged)["rings"])[MAGNETAR]
    imaged.mouse.move(place[0] + 1, place[1] + 1, steps=3)
    readout = imaged.locator(".bk-Tooltip")
    expect(readout).to_contain_text(re.compile(r"19h 3[45]m"))
    expect(readout).to_contain_text(re.compile(r"\+2[12]° \d\d′ \d\d″"))
    expect(readout).to_contain_text(re.compile(r"29[34]\.\d{4}°, \+2[12]\.\d{4}°"))


def test_a_table_row_marks_its_source_in_the_image(imaged: Page) -> None:
    imaged.locator(".slick-row", has_text=MAGNETAR).locator(".slick-cell").nth(4).click()
    chosen = """() => [...Bokeh.index.roots].flatMap((v) => v.model.renderers ?? [])
        .some((r) => r.data_source.data.color && r.data_source.selected.indices.length)"""
    imaged.wait_for_function(chosen)


def choose(page: Page, name: str, option: str) -> None:
    page.locator(".widget-dropdown", has_text=name).locator("select").select_option(option)


@pytest.mark.parametrize("map_name", ["exposure", "intensity", "significance"])
def test_the_numbers_of_the_colour_bar_belong_to_the_map(imaged: Page, map_name: str) -> None:
    choose(imaged, "Map", map_name)
    imaged.wait_for_function(f"(text) => ({_BAR_TITLE})().startsWith(text)", arg=map_name[:3])

    def check() -> None:
        low, high = (float(box.input_value()) for box in imaged.locator(".oda-cuts input").all())
        bar = colour_bar(imaged)
        assert len(bar["numbers"]) >= 3
        assert sorted(place for place, _ in bar["numbers"]) == pytest.approx(sorted(bar["places"]))
        for place, text in bar["numbers"]:
            value = float(text.replace("\N{MINUS SIGN}", "-"))
            assert place == pytest.approx((value - low) / (high - low), abs=2e-3)

    in_the_end(imaged, check)


_BAR_TITLE = """() => [...Bokeh.index.roots].find((v) => v.model.right?.length && v.el.offsetWidth)
  .model.right[1].text.toLowerCase()"""


def test_the_numbers_of_the_colour_bar_follow_the_cuts(imaged: Page) -> None:
    high = imaged.locator(".oda-cuts input").last
    high.fill("400")
    high.press("Enter")

    def check() -> None:
        assert "400" in [text for _, text in colour_bar(imaged)["numbers"]]

    in_the_end(imaged, check)


_OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_BAR = """() => [...Bokeh.index.roots].map((v) => [v, v.model.right?.[0]])
  .filter(([v, bar]) => bar && v.el.offsetWidth)
  .map(([v, bar]) => [v.frame.bbox, v.views.get_one(bar).bbox])
  .map(([frame, bar]) => [bar.left - frame.right, bar.height / frame.height])[0]"""


@pytest.mark.parametrize("width", [360, 420, 800, 1000, 1280, 1440, 1920, 2560])
def test_the_frame_fills_its_column_and_shows_the_whole_image_on_one_scale(
    imaged: Page, width: int
) -> None:
    imaged.set_viewport_size({"width": width, "height": 900})

    def check() -> None:
        view = settled(imaged)
        column = imaged.locator(".oda-side-by-side .oda-pane").first.bounding_box()
        assert column is not None
        beside = column["width"] - view["width"]
        assert 90 < beside < 190  # two axes and a colour bar
        across = view["width"] / (view["x"][1] - view["x"][0])
        assert view["height"] / (view["y"][1] - view["y"][0]) == pytest.approx(across, rel=1e-3)
        for seen, whole in zip((view["x"], view["y"]), view["whole"], strict=True):
            assert seen[0] <= whole[0] + 0.01
            assert seen[1] >= whole[1] - 0.01
        gap, part = imaged.evaluate(_BAR)
        assert 0 <= gap < 12  # the bar stands at the frame, and is as high
        assert part > 0.95
        assert imaged.evaluate(_OVERFLOW) <= 0

    in_the_end(imaged, check)


def test_the_numbers_of_another_map_leave_the_frame_in_its_column(imaged: Page) -> None:
    imaged.set_viewport_size({"width": 1280, "height": 900})
    for map_name in ("variance", "exposure", "significance"):
        choose(imaged, "Map", map_name)
        imaged.wait_for_function(f"(text) => ({_BAR_TITLE})().startsWith(text)", arg=map_name[:3])

        def check() -> None:
            pane = imaged.locator(".oda-side-by-side .oda-pane").first.bounding_box()
            figure_width = imaged.evaluate(_FIGURE_WIDTH)
            assert pane is not None
            assert pane["width"] - 44 < figure_width < pane["width"] + 3

        in_the_end(imaged, check)


_FIGURE_WIDTH = """() => [...Bokeh.index.roots]
  .find((v) => v.model.right?.length && v.el.offsetWidth).el.offsetWidth"""


def test_places_are_exact_after_a_zoom_and_another_width(imaged: Page) -> None:
    """A source added by a click is ringed where one clicked, and where the pointer said."""
    imaged.set_viewport_size({"width": 1920, "height": 1000})
    settled(imaged)
    imaged.get_by_role("button", name="Zoom to source").click()
    imaged.set_viewport_size({"width": 1100, "height": 900})
    imaged.get_by_role("button", name="Add by click").click()
    before = settled(imaged)
    [(left, right), (low, high)] = before["x"], before["y"]
    point = (left + 0.08 * (right - left), low + 0.3 * (high - low))
    [(x, y)] = settled(imaged, point)["points"]
    imaged.mouse.move(x, y, steps=3)
    tooltip = imaged.locator(".bk-Tooltip").get_by_text(re.compile(r"\.\d{4}°")).last
    said = re.findall(r"(\d+\.\d{4})°", tooltip.inner_text())
    imaged.mouse.click(x, y)
    rows = imaged.locator(".slick-row")
    expect(rows).to_have_count(2)
    assert settled(imaged)["x"] == pytest.approx(before["x"])
    [ring] = {tuple(place) for name, place in settled(imaged)["rings"] if name != MAGNETAR}
    assert ring == pytest.approx((x, y), abs=1.5)
    added = rows.filter(has_not_text=MAGNETAR)
    cells = [added.locator(".slick-cell").nth(column).inner_text() for column in (2, 3)]
    assert [float(cell) for cell in cells] == pytest.approx([float(one) for one in said], abs=2e-3)
    added.locator(".slick-cell").nth(4).click()
    imaged.get_by_role("button", name="Delete", exact=True).click()
    expect(rows).to_have_count(1)
    imaged.get_by_role("button", name="Add by click").click()
    imaged.get_by_role("button", name="Whole image").click()

    def check() -> None:
        view = settled(imaged)
        assert view["x"][1] - view["x"][0] >= view["whole"][0][1] - view["whole"][0][0] - 0.01

    in_the_end(imaged, check)


@pytest.mark.parametrize("size", [(1280, 900), (1440, 900), (1920, 1080)])
def test_the_frame_and_its_tools_are_in_sight_below_the_head_of_the_page(
    imaged: Page, size: tuple[int, int]
) -> None:
    imaged.set_viewport_size({"width": size[0], "height": size[1]})
    imaged.evaluate("window.scrollTo(0, 0)")

    def check() -> None:
        assert settled(imaged)["bottom"] <= size[1] + 10

    in_the_end(imaged, check)


def test_the_image_is_no_taller_than_the_window(imaged: Page) -> None:
    imaged.set_viewport_size({"width": 1920, "height": 800})

    def check() -> None:
        assert settled(imaged)["height"] < 800

    in_the_end(imaged, check)


def violations(page: Page) -> list[str]:
    """Return what axe-core finds, minor things included."""
    found = Axe().run(page).response["violations"]
    return [f"{one['impact']} {one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def check_with_axe(page: Page) -> None:
    """Check that it finds nothing, once controls that are new have their names."""
    page.wait_for_timeout(400)

    def check() -> None:
        assert violations(page) == []

    in_the_end(page, check)


@pytest.mark.parametrize(("width", "beside"), [(1280, False), (1440, False), (1920, True)])
def test_the_table_stands_beside_the_image_where_the_column_is_wide(
    imaged: Page, width: int, *, beside: bool
) -> None:
    imaged.set_viewport_size({"width": width, "height": 1080})

    def check() -> None:
        shown = settled(imaged)
        column = imaged.locator(".oda-side-by-side").bounding_box()
        table = imaged.locator(".oda-catalog").bounding_box()
        assert column is not None
        assert table is not None
        assert shown["width"] > 0.55 * column["width"]
        if beside:
            assert table["x"] > shown["right"]
            assert table["y"] < column["y"] + 40
            assert table["x"] + table["width"] <= column["x"] + column["width"] + 1
        else:
            assert table["y"] > column["y"] + shown["height"]

    in_the_end(imaged, check)


# Content that is wider than its box scrolls there, with a bar that does not hide.
_CUT = """() => [...document.querySelectorAll(".oda-workbench *")]
  .filter((e) => e.offsetParent && e.scrollWidth > e.clientWidth + 2 && e.clientWidth > 60)
  .filter((e) => e.matches(".oda-pane, .oda-row-table-place, .widget-html-content"))
  .filter((e) => getComputedStyle(e).overflowX !== "auto"
    || !getComputedStyle(e).backgroundImage.includes("gradient")
    || getComputedStyle(e, "::-webkit-scrollbar").height !== "9px")
  .map((e) => `${e.className} ${e.scrollWidth} > ${e.clientWidth}`)"""


def test_on_a_telephone_what_is_wide_scrolls_and_says_so(imaged: Page) -> None:
    imaged.set_viewport_size({"width": 420, "height": 900})

    def nothing_is_cut() -> None:
        assert imaged.evaluate(_CUT) == []

    for tab in ("Image and catalogue", "Jobs", "Light curve"):
        imaged.get_by_role("tab", name=tab).click()
        imaged.wait_for_timeout(300)
        in_the_end(imaged, nothing_is_cut)
    imaged.get_by_role("tab", name="Jobs").click()
    actions = imaged.get_by_role("button", name="Show query").first
    actions.scroll_into_view_if_needed()
    expect(actions).to_be_in_viewport()
    imaged.get_by_role("tab", name="Image and catalogue").click()
    imaged.set_viewport_size({"width": 1440, "height": 900})


def check_numbers_and_figure_of_a_fit_are_in_sight(page: Page) -> None:
    """Check that nobody scrolls between the two on a page of 1280 x 900 pixels."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate("window.scrollTo(0, 0)")

    def check() -> None:
        for part in (".oda-fit-table", ".oda-fit-panel .oda-pane"):
            box = page.locator(part).first.bounding_box()
            assert box is not None
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= 905

    in_the_end(page, check)
    page.set_viewport_size({"width": 1440, "height": 900})


def test_axe_finds_nothing_on_any_tab_light_or_dark(imaged: Page) -> None:
    imaged.set_viewport_size({"width": 1440, "height": 900})
    check_with_axe(imaged)
    click_source(imaged, MAGNETAR)
    expect_tab(imaged, "Spectrum")
    imaged.get_by_role("button", name="Fit a model").click()
    expect(imaged.locator(".oda-fit-panel canvas").first).to_be_visible()
    check_numbers_and_figure_of_a_fit_are_in_sight(imaged)
    imaged.emulate_media(color_scheme="dark")
    for tab in ("Spectrum", "Windows", "Jobs"):
        imaged.get_by_role("tab", name=tab).click()
        check_with_axe(imaged)
    imaged.emulate_media(color_scheme="light")
    imaged.get_by_role("button", name="Image", exact=True).click()
    imaged.get_by_role("tab", name="Image and catalogue").click()


def test_columns_of_numbers_are_sorted_by_number(imaged: Page) -> None:
    imaged.set_viewport_size({"width": 1440, "height": 900})
    for name in ("Crab", "GRS 1915+105", "Vela X-1"):
        imaged.get_by_placeholder("Name, or RA Dec").fill(name)
        imaged.get_by_role("button", name="Add", exact=True).click()
        expect(imaged.locator(".slick-row", has_text=name)).to_be_visible()
    for title, column in (("RA (deg)", 2), ("Dec (deg)", 3)):
        imaged.locator(".slick-header-column", has_text=title).click()

        def check(column: int = column) -> None:
            rows = sorted(imaged.locator(".slick-row").all(), key=lambda r: r.bounding_box()["y"])
            cells = [row.locator(".slick-cell").nth(column).inner_text() for row in rows]
            numbers = [float(cell) for cell in cells]
            assert len(numbers) == 4
            assert numbers == sorted(numbers)

        in_the_end(imaged, check)


def test_tab_leaves_the_table_in_both_directions(imaged: Page) -> None:
    imaged.locator(".slick-row").first.locator(".slick-cell").nth(4).click()
    inside = "() => document.activeElement?.closest('.oda-catalog > .oda-pane') !== null"
    assert imaged.evaluate(inside)
    imaged.keyboard.press("Tab")
    assert not imaged.evaluate(inside)
    imaged.locator(".slick-row").first.locator(".slick-cell").nth(4).click()
    imaged.keyboard.press("Shift+Tab")
    assert not imaged.evaluate(inside)
    focused = "() => document.activeElement.closest('.oda-catalog') !== null"
    assert imaged.evaluate(focused)  # the buttons above it


def test_submit_is_off_with_the_reason_while_a_name_is_typed(imaged: Page) -> None:
    submit = imaged.get_by_role("button", name="Submit")
    expect(submit).to_be_enabled()
    imaged.get_by_placeholder(SOURCE).press_sequentially("x")
    expect(submit).to_be_disabled()
    expect(imaged.locator(".oda-plan:visible")).to_contain_text("not resolved yet")
    expect(imaged.locator(".oda-position")).to_have_text("")
    origin = imaged.locator(".oda-tab .oda-status").locator("visible=true")
    expect(origin).to_contain_text("From another query: Image · SGR 1935+2154 · ISGRI · 28–150 keV")
    imaged.get_by_placeholder(SOURCE).fill("Crab")
    imaged.get_by_placeholder(SOURCE).press("Tab")
    expect(imaged.locator(".oda-position")).to_contain_text("05h 34m")
    imaged.get_by_placeholder(SOURCE).fill(MAGNETAR)
    imaged.get_by_placeholder(SOURCE).press("Enter")
    expect(submit).to_be_enabled()
    expect(imaged.locator(".oda-position")).to_contain_text("19h 34m")


def test_a_wrong_number_stays_is_marked_and_turns_submit_off(imaged: Page) -> None:
    submit = imaged.get_by_role("button", name="Submit")
    radius = imaged.locator(".oda-field", has_text="Radius").locator("input")
    radius.fill("-3")
    expect(submit).to_be_disabled()
    radius.blur()
    expect(radius).to_have_value("-3")
    expect(imaged.locator(".oda-wrong input")).to_have_count(1)
    expect(imaged.get_by_role("alert")).to_contain_text("outside 0.1 to 180 deg")
    radius.fill("15")
    expect(submit).to_be_enabled()
    expect(imaged.locator(".oda-plan:visible")).to_contain_text(re.compile("1 window, "))


def test_the_keyboard_reaches_the_query_and_submits_it(imaged: Page) -> None:
    imaged.get_by_role("tab", name="Jobs").click()
    jobs = imaged.locator(".oda-row-table:visible tbody tr")
    expect(jobs.first).to_be_visible()
    before = jobs.count()
    imaged.get_by_placeholder(SOURCE).focus()
    reached: list[str] = []
    for _ in range(60):
        imaged.keyboard.press("Tab")
        text = imaged.evaluate("document.activeElement.textContent.trim()")
        reached.append(str(text))
        if text == "Submit":
            break
    assert reached[-1] == "Submit"
    imaged.keyboard.press("Enter")
    imaged.get_by_role("tab", name="Jobs").click()
    expect(jobs).to_have_count(before + 1)
