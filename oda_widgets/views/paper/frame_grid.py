"""Many products on paper: a small frame for each, on common axes."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isfinite
from typing import Any

from matplotlib.figure import Figure

from oda_widgets.products.observation import Observation
from oda_widgets.views.labels import Drawn, common_observation, common_title
from oda_widgets.views.paper.style import SMALL_TEXT, set_figure_heading

MOST_PANELS = 30  # frames on a page
MOST_TOGETHER = 6  # products in one frame; more have a frame each
PAD = 2  # points between a frame and its name above it


def frame_grid(drawing: Figure, number: int, beside: int, **shared: Any) -> list[Any]:
    """Return frames with a common horizontal axis, column after column.

    Ticks are labelled below the last frame of each column. Where a column is short its labels take
    the place of the name of the next frame, so that the rows of all columns stay aligned.
    """
    rows = ceil(number / beside)
    grid = drawing.subplots(rows, beside, sharex=True, squeeze=False, **shared)
    full = number - (rows - 1) * beside  # columns that have a frame in the last row
    for axes in grid[-1, full:]:
        axes.set_frame_on(False)
        axes.yaxis.set_visible(False)
        labels = {"labelbottom": False, "labeltop": True, "labelsize": SMALL_TEXT, "pad": PAD}
        axes.tick_params(axis="x", which="both", length=0, **labels)
    return [*grid[:, :full].T.ravel(), *grid[:-1, full:].T.ravel()]


def brightest(products: Sequence[Drawn]) -> list[int]:
    """Return the numbers of as many products as a page has room for, in the order they came."""

    def brightness(number: int) -> float:
        rate = products[number].shown_rate[0]
        return rate if isfinite(rate) else float("-inf")

    ranked = sorted(range(len(products)), key=brightness, reverse=True)
    return sorted(ranked[:MOST_PANELS])


def name_frame(axes: Any, name: str) -> None:
    """Write the name of a small frame above it."""
    axes.tick_params(labelsize=SMALL_TEXT)
    axes.set_title(name, loc="left", fontsize=SMALL_TEXT, pad=PAD)


def set_grid_heading(
    drawing: Figure, products: Sequence[Drawn], shown: int, what: str, words: Sequence[str] = ()
) -> None:
    """Write the title of a figure of many frames: all products, and how many have no frame."""
    observed: list[Observation] = [one.observation for one in products]
    title, left_out = common_title(products), len(products) - shown
    if left_out:
        title += f": the brightest {shown} ({left_out} {what} left out)"
    label = " · ".join([common_observation(observed), *words])
    set_figure_heading(drawing, title, label, observed)
