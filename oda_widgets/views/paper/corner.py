"""The corner plot of a chain on paper."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from oda_widgets.fitting.chains.chain import Chain
from oda_widgets.views.corner import Scaled
from oda_widgets.views.labels import common_observation, common_title
from oda_widgets.views.paper.style import DATA_COLOUR, SMALL_TEXT, new_figure, set_figure_heading

_MOST_TICKS = 4
_CROWDED = 4  # parameters, beyond which labels are small


def corner_figure(chain: Chain, *, columns: int = 2, width: float | None = None) -> Figure:
    """Return the corner plot of a chain, with medians and central intervals of 68 %.

    Parameters
    ----------
    chain
        Chain to draw.
    columns
        Width in columns of text, 1 or 2.
    width
        Inches, in place of that of `columns`; the height is the same.
    """
    n = len(chain.names)
    drawing = new_figure(columns, 1.0, width)
    axes = drawing.subplots(n, n, squeeze=False, sharex="col")
    shown = Scaled.of(chain)
    for row in range(n):
        for column in range(n):
            panel = axes[row, column]
            if column > row:
                panel.set_axis_off()
            elif row == column:
                _draw_histogram(panel, shown, row)
            else:
                _draw_cloud(panel, shown, column, row)
            _set_labels(panel, shown, row, column)
    drawing.align_labels()
    spectra = [data.spectrum for data in chain.recipe.datasets]
    observed = [spectrum.observation for spectrum in spectra]
    heading = f"{common_title(spectra)}: {chain.recipe.model}"
    words = [common_observation(observed), "dashed: median, 68 % interval"]
    set_figure_heading(drawing, heading, " · ".join(words), observed)
    return drawing


def _draw_histogram(panel: Any, chain: Scaled, number: int) -> None:
    edges = chain.edges(number)
    panel.hist(chain.values[:, number], bins=edges, color=DATA_COLOUR, alpha=0.5)
    for value in chain.lines[number]:
        panel.axvline(value, color="0.2", lw=0.7, ls="--")
    panel.set_xlim(edges[0], edges[-1])
    panel.set_yticks([])


def _draw_cloud(panel: Any, chain: Scaled, column: int, row: int) -> None:
    x, y = chain.values[:, column], chain.values[:, row]
    panel.hist2d(x, y, bins=[chain.edges(column), chain.edges(row)], cmap="Blues")
    panel.set_yscale(chain.kinds[row])
    if chain.kinds[row] == "linear":
        panel.locator_params(axis="y", nbins=_MOST_TICKS)
    panel.tick_params(labelleft=column == 0)


def _set_labels(panel: Any, chain: Scaled, row: int, column: int) -> None:
    labels = chain.labels
    small = {"fontsize": SMALL_TEXT} if len(labels) > _CROWDED else {}
    panel.set_xscale(chain.kinds[column])
    if chain.kinds[column] == "linear":
        panel.locator_params(axis="x", nbins=_MOST_TICKS)
    panel.tick_params(labelsize=SMALL_TEXT if small else None)
    if row == len(labels) - 1:
        panel.set_xlabel(labels[column], **small)
    if column == 0 and row:
        panel.set_ylabel(labels[row], **small)
