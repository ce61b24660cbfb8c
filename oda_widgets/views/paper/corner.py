"""The corner plot of a chain on paper."""

from __future__ import annotations

from matplotlib.figure import Figure

from oda_widgets.fitting.chains.chain import Chain
from oda_widgets.views.corner import bins, trimmed
from oda_widgets.views.paper.style import DATA_COLOUR, new_figure


def corner_figure(chain: Chain, *, columns: int = 2, width: float | None = None) -> Figure:
    """Return the corner plot of a chain.

    Parameters
    ----------
    chain
        Chain to draw.
    columns
        Width in columns of text, 1 or 2.
    width
        Inches, in place of that of `columns`; it is as high.
    """
    n = len(chain.names)
    drawing = new_figure(columns, 1.0, width)
    axes = drawing.subplots(n, n, squeeze=False, sharex="col")
    for row in range(n):
        for column in range(n):
            panel = axes[row, column]
            if column > row:
                panel.set_axis_off()
                continue
            x, y = chain.values[:, column], chain.values[:, row]
            if row == column:
                panel.hist(x, bins=bins(x), range=trimmed(x), color=DATA_COLOUR, alpha=0.5)
                for value in chain.quantiles(chain.names[column]):
                    panel.axvline(value, color="0.2", lw=0.7, ls="--")
                panel.set_yticks([])
            else:
                panel.hist2d(x, y, bins=bins(x), range=[trimmed(x), trimmed(y)], cmap="Blues")
                if column:
                    panel.tick_params(labelleft=False)
            if row == n - 1:
                panel.set_xlabel(chain.names[column])
            if column == 0 and row:
                panel.set_ylabel(chain.names[row])
    return drawing
