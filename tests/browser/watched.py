"""A page under observation, and the figures on it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request, expect

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


class Watched:
    """Keeps what the console says and which addresses are asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.outside: list[str] = []
        page.set_default_timeout(60_000)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"blob", "data"} and address.hostname != "127.0.0.1":
            self.outside.append(request.url)


def figure(page: Page, *points: tuple[float, float]) -> dict[str, Any]:
    """Return the visible figure."""
    page.wait_for_function(f"() => window.Bokeh && ({_FIGURE})([])")
    found: dict[str, Any] = page.evaluate(_FIGURE, [list(point) for point in points])
    return found


def brush(page: Page, start: float, stop: float, *, add: bool = False) -> None:
    """Drag over the light curve from one second to another."""
    view = figure(page, (start, 0), (stop, 0))
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
    page.wait_for_function(f"() => (({_FIGURE})([])?.rings.length ?? 0) > 0")
    page.wait_for_timeout(300)  # until the layout has settled
    return figure(page)


def colour_bar(page: Page) -> dict[str, Any]:
    """Return what is drawn at the colour bar of the visible image: numbers by place, and name."""
    found: dict[str, Any] = page.evaluate(_COLOUR_BAR)
    return found


def click_source(page: Page, name: str) -> None:
    """Click a source in the image."""
    rings = dict(wait_for_rings(page)["rings"])
    page.mouse.click(*rings[name])


def expect_tab(page: Page, name: str) -> None:
    """Wait until a tab is the current one."""
    expect(page.get_by_role("tab", name=name, selected=True)).to_be_visible()
