"""A page under observation, and the figures on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request, expect

from tests.patience import PATIENCE

_REST = 150  # ms in which a figure that has settled does not move
_LOOK = 100  # ms between two looks at a page; by default it is asked for each picture

# What Jupyter shows in place of a widget that it cannot draw, whatever comes later.
_UNDRAWN = ".jupyter-widgets-error-widget"

# The visible figure: its frame on the screen, and where the given data points are.
_FIGURE = """(points) => {
  const nested = (view) => [view, ...(view.child_views ?? []).flatMap(nested)];
  const views = [...Bokeh.index.roots].flatMap(nested);
  const shown = views.filter((v) => v.model.type === "Figure" && v.el.offsetWidth > 0);
  const view = shown.at(-1);
  if (!view) return null;
  const { left, top } = view.canvas_view.el.getBoundingClientRect();
  const { x_scale, y_scale, bbox } = view.frame;
  const place = ([x, y]) => [left + x_scale.compute(x), top + y_scale.compute(y)];
  return {
    title: view.model.above.map((item) => item.text ?? "").join(" "),
    width: bbox.width, height: bbox.height,
    x: [view.model.x_range.start, view.model.x_range.end],
    y: [view.model.y_range.start, view.model.y_range.end],
    whole: [view.model.x_range, view.model.y_range].map((one) => [one.reset_start, one.reset_end]),
    right: left + bbox.right, bottom: view.el.getBoundingClientRect().bottom,
    rings: view.model.renderers.map((r) => r.data_source?.data ?? {})
      .filter((data) => data.significance && data.color)
      .flatMap((data) => [...data.name].map((name, i) => [name, place([data.x[i], data.y[i]])])),
    points: points.map(place),
  };
}"""

# Bokeh draws a bar with an axis of its own, which may differ from what the model says.
_COLOUR_BAR = """() => {
  const view = [...Bokeh.index.roots].find((v) => v.model.right?.length && v.el.offsetWidth > 0);
  const [bar, title] = view.model.right;
  const { ticker, major_label_overrides } = view.views.get_one(bar)._axis;
  const numbers = [...major_label_overrides].map(([place, text]) => [Number(place), text]);
  return { places: ticker.ticks, numbers, title: title.text };
}"""

# Texts and typed values of which the screen shows a part only. What scrolls says so by a bar.
_CUT = """() => {
  const panels = [...document.querySelectorAll(".oda-workbench")];
  const all = panels.flatMap((one) => [...one.querySelectorAll("*")]);
  const seen = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const fields = ["input:not([type])", "input[type=text]", "input[type=number]"]
    .flatMap((kind) => all.filter((e) => e.matches(kind)))
    .filter((e) => seen(e) && e.value && e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1)
    .map((e) => `${e.getAttribute("aria-label")}: ${e.value}`);
  const barred = (e) => getComputedStyle(e, "::-webkit-scrollbar").height === "9px";
  const isCut = (text) => {
    const range = document.createRange();
    range.selectNodeContents(text);
    const { right, width } = range.getBoundingClientRect();
    if (width < 2) return false;
    for (let e = text.parentElement; e; e = e.parentElement) {
      const { overflowX, position, clip } = getComputedStyle(e);
      if (e.matches("option, select, script, style, textarea") || clip !== "auto") return false;
      if (overflowX === "visible") continue;
      if (right > e.getBoundingClientRect().right + 1) {
        if (["auto", "scroll"].includes(overflowX) && barred(e)) return false;
        if (e !== document.documentElement && e !== document.body) return true;
      }
      if (position === "fixed") return false;
    }
    return right > document.documentElement.clientWidth + 1;
  };
  const texts = all.filter(seen).flatMap((e) => [...e.childNodes])
    .filter((n) => n.nodeType === Node.TEXT_NODE && n.data.trim() && isCut(n));
  return [...fields, ...texts.map((n) => n.data.trim())];
}"""


class Watched:
    """Keeps the messages of the console and the requested addresses."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.outside: list[str] = []
        page.set_default_timeout(PATIENCE * 1000)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        path = urlsplit(message.location["url"]).path
        # A page that is left before it has named its icon makes the browser ask for this one.
        if message.type == "error" and not path.endswith("/favicon.ico"):
            self.errors.append(f"{message.text} [{path}]")

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"blob", "data"} and address.hostname != "127.0.0.1":
            self.outside.append(request.url)


def figure(page: Page, *points: tuple[float, float]) -> dict[str, Any]:
    """Return the visible figure."""
    page.wait_for_function(f"() => window.Bokeh && ({_FIGURE})([])", polling=_LOOK)
    found: dict[str, Any] = page.evaluate(_FIGURE, [list(point) for point in points])
    return found


def settled(page: Page, *points: tuple[float, float]) -> dict[str, Any]:
    """Return the visible figure once it keeps its place: what is drawn later can move it."""
    before, now = None, figure(page, *points)
    until = time.monotonic() + PATIENCE
    while now != before:
        assert time.monotonic() < until, f"the figure does not come to rest: {now}"
        page.wait_for_timeout(_REST)
        before, now = now, figure(page, *points)
    return now


def in_the_end(page: Page, check: Callable[[], None]) -> None:
    """Check what holds once all is drawn: what fails now is looked at again."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            check()
        except AssertionError:
            if time.monotonic() > until:
                raise
            page.wait_for_timeout(_REST)
        else:
            return


def cut(page: Page) -> list[str]:
    """Return the texts and the typed values of which a part is out of sight for good."""
    found: list[str] = page.evaluate(_CUT)
    return found


def brush(page: Page, start: float, stop: float, *, add: bool = False) -> None:
    """Drag over the light curve from one second to another."""
    view = settled(page, (start, 0), (stop, 0))
    (left, middle), (right, _) = view["points"]
    if add:
        page.keyboard.down("Shift")
    page.mouse.move(left, middle - 60)
    page.mouse.down()
    page.mouse.move(right, middle - 20, steps=4)
    page.mouse.up()
    if add:
        page.keyboard.up("Shift")


def wait_for_rings(page: Page) -> dict[str, Any]:
    """Wait until an image with sources is drawn, and return its figure."""
    drawn = f"window.Bokeh && (({_FIGURE})([])?.rings.length ?? 0) > 0"
    ended = f"() => document.querySelector('{_UNDRAWN}') || ({drawn})"
    page.wait_for_function(ended, polling=_LOOK)
    undrawn = page.locator(_UNDRAWN).all_inner_texts()
    assert not undrawn, f"Jupyter could not draw a widget: {undrawn}"
    return settled(page)


def wait_for_title(page: Page, words: str) -> None:
    """Wait until the visible figure has some words in its title."""
    page.wait_for_function(
        f"(words) => window.Bokeh && (({_FIGURE})([])?.title ?? '').includes(words)",
        arg=words,
        polling=_LOOK,
    )


def colour_bar(page: Page) -> dict[str, Any]:
    """Return the numbers at the colour bar of the visible image, by place, and its name."""
    found: dict[str, Any] = page.evaluate(_COLOUR_BAR)
    return found


def click_source(page: Page, name: str) -> None:
    """Click a source in the image."""
    rings = dict(wait_for_rings(page)["rings"])
    page.mouse.click(*rings[name])


def expect_tab(page: Page, name: str) -> None:
    """Wait until a tab is the current one."""
    expect(page.get_by_role("tab", name=name, selected=True)).to_be_visible()
