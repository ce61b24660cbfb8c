"""The one door from products to views.

Data flows from products to views, and a product imports nothing above it. That a product can be
shown by its own method is a convenience for people; it is paid for here, once, by looking the
views up by name at the moment they are asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_INTERACTIVE = "oda_widgets.views.show"
_PAPER = "oda_widgets.views.paper"


def interactive(product: Any, **options: Any) -> Any:
    """Return the interactive figure of a product."""
    return import_module(_INTERACTIVE).show(product, **options)


def figure(product: Any, **options: Any) -> Any:
    """Return the figure of a product for publication, a `matplotlib.figure.Figure`."""
    return import_module(_PAPER).figure(product, **options)


def picture(product: Any, picture_format: str, **options: Any) -> bytes:
    """Return the figure of a product for publication as the content of a file.

    Parameters
    ----------
    product
        Image, spectrum or light curve.
    picture_format
        "pdf", "png" or "svg".
    options
        As `oda_widgets.views.paper.figure` takes them.
    """
    content: bytes = import_module(_PAPER).render(product, picture_format, **options)
    return content
