"""What the script of the page does by itself, beside a kernel that is played."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import oda_widgets.panels
from oda_widgets.panels.page import Page as OurPage
from tests.browser.conftest import new_page

_ADDRESS = "http://127.0.0.1/"
_CSS = (Path(oda_widgets.panels.__file__).parent / "workbench.css").read_text()
_HTML = f"""<!doctype html><style>
.jupyter-widgets-disconnected::before {{ content: "X"; display: inline; }}
{_CSS}</style><div id="rendered_cells"><div class="oda-workbench jupyter-widgets-disconnected">
<div id="form"><input id="field"><button id="gone" onclick="replace()">Fit a model</button></div>
<div class="lm-TabBar-content"><div class="lm-TabBar-tab lm-mod-current" tabindex="0">One</div>
<div class="lm-TabBar-tab" tabindex="-1">Two</div></div><div id="el"></div></div></div>
<script>
const replace = () => setTimeout(() => {{
  document.getElementById("form").innerHTML = "<div><input id=field2><button>Fit</button></div>";
}}, 50);
</script>"""
_PLAY = """async (script) => {
  const module = await import(URL.createObjectURL(new Blob([script], {type: "text/javascript"})));
  const heard = new Map();
  const hear = (kind, ...words) => heard.get(kind)?.forEach((act) => act(...words));
  window.kernel = { ended: false, hear };
  const model = {
    get: () => "0", off: () => {},
    on: (kind, act) => heard.set(kind, [...(heard.get(kind) ?? []), act]),
    send: (message) => {
      if (window.kernel.ended) throw new Error("the connection is closed");
      if (message.type === "ping") hear("msg:custom", { type: "pong" });
    },
  };
  module.default.render({ model, el: document.getElementById("el") });
  await new Promise((done) => setTimeout(done, 200));
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with new_page(browser) as watched:
        page = watched.page
        page.route("**/*", lambda route: route.fulfill(body=_HTML, content_type="text/html"))
        page.goto(_ADDRESS)
        page.evaluate(_PLAY, OurPage._esm)
        yield page


def _end_kernel(page: Page) -> None:
    page.evaluate("() => { window.kernel.ended = true; }")
    page.mouse.click(700, 700)
    expect(page.get_by_role("alert")).to_contain_text("has ended")


def test_the_button_of_the_banner_loads_the_page_again(page: Page) -> None:
    _end_kernel(page)
    page.clock.install()
    page.clock.fast_forward(6000)  # the press asks the kernel once more
    with page.expect_navigation():
        page.get_by_role("button", name="Reload").click(no_wait_after=True)


def test_without_a_kernel_nothing_takes_text_or_looks_as_before(page: Page) -> None:
    _end_kernel(page)
    page.locator("#field").click(force=True)
    page.keyboard.type("Crab")
    assert page.locator("#field").input_value() == ""
    assert float(page.locator("#form").evaluate("(el) => getComputedStyle(el).opacity")) < 1


def test_a_sentence_in_sight_says_at_once_that_the_kernel_was_started_anew(page: Page) -> None:
    page.locator("#el").evaluate("(el) => { el.style.height = '3000px'; scrollTo(0, 1500); }")
    page.evaluate("() => window.kernel.hear('comm_live_update')")  # as Jupyter marks the widgets
    expect(page.get_by_role("alert")).to_contain_text("has ended")
    expect(page.get_by_role("alert")).to_be_in_viewport()


def test_one_sentence_stands_in_place_of_all_broken_chains(page: Page) -> None:
    _end_kernel(page)
    shown = "(el) => getComputedStyle(el, '::before').display"
    assert page.locator(".jupyter-widgets-disconnected").evaluate(shown) == "none"


def test_a_button_hands_the_focus_on_to_what_appears_in_its_place(page: Page) -> None:
    page.locator("#field").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#field2")).to_be_focused()


def test_a_button_that_was_focused_by_a_click_hands_the_focus_on_too(page: Page) -> None:
    page.mouse.click(700, 700)
    page.get_by_role("button", name="Fit a model").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#field2")).to_be_focused()


def test_the_tab_that_the_page_opens_is_the_one_that_the_keyboard_reaches(page: Page) -> None:
    one, two = page.get_by_text("One"), page.get_by_text("Two")
    one.evaluate("(el) => el.classList.remove('lm-mod-current')")
    two.evaluate("(el) => el.classList.add('lm-mod-current')")
    expect(two).to_have_attribute("tabindex", "0")
    expect(one).to_have_attribute("tabindex", "-1")
