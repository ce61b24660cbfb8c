"""Figures of products for publication, and their files."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from matplotlib.figure import Figure

from oda_widgets.errors import BadParameter
from oda_widgets.products.image import SkyImage
from oda_widgets.request.numbers import number_within
from oda_widgets.request.options import check_options
from oda_widgets.views.figure_options import checked_figure_options
from oda_widgets.views.paper.sky import sky_figure
from oda_widgets.views.paper.style import applied
from oda_widgets.views.several import first_and_others

# Without these the time of writing would make equal figures unequal files.
_NO_DATE = {"pdf": {"CreationDate": None}, "svg": {"Date": None}, "png": {}}


def figure(product: Any, **options: Any) -> Figure:
    """Return a figure of a product, ready for publication.

    Parameters
    ----------
    product
        `SkyImage`, `LightCurve` or `Spectrum`, several of the latter, or the `Provenance` of one.
    options
        ``columns`` (1 or 2, the width in columns of text), ``width``, ``height``, and those of
        `sky_figure`, `light_curve_figure`, `spectrum_figure`, `burst_figure` or `history_drawing`.

    Raises
    ------
    BadParameter
        If there is no figure of such a thing, or an option cannot be accepted.
    """
    with applied():
        return _draw(product, **options)


def render(product: Any, picture_format: str, *, dpi: float = 300, **options: Any) -> bytes:
    """Return a figure of a product as the content of a file.

    Parameters
    ----------
    product, options
        As for `figure`.
    picture_format
        "pdf", "png" or "svg".
    dpi
        Dots per inch of a PNG, 30 to 1200.

    Raises
    ------
    BadParameter
        See `figure`.
    """
    dots = number_within("dpi", dpi, 30, 1200)
    buffer = BytesIO()
    # Fonts are chosen when a figure is drawn, which happens here.
    with applied():
        drawn = _draw(product, **options)
        metadata = _NO_DATE[picture_format]
        drawn.savefig(buffer, format=picture_format, dpi=dots, metadata=metadata)
    return buffer.getvalue()


def _draw(value: Any, **options: Any) -> Figure:
    product, options = first_and_others(value, options)
    draw = _drawing_of(product)
    check_options(draw, options)
    return draw(product, **checked_figure_options(options, on_paper=True))


def _drawing_of(product: Any) -> Callable[..., Figure]:
    """Return the function that draws a product."""
    if isinstance(product, SkyImage):
        return sky_figure
    # The others need the page's figures and the fits, which take a second to import.
    from oda_widgets.views.paper.drawings import DRAWINGS  # noqa: PLC0415 - an image needs none

    for kind, draw in DRAWINGS.items():
        if isinstance(product, kind):
            return draw
    limit = f"there is no figure of a {type(product).__name__}"
    advice = "Give a SkyImage, a LightCurve or a Spectrum."
    raise BadParameter("product", product, limit, advice)
