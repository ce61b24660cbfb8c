"""What the views ask of the workbench."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from oda_widgets.request.catalog import SourceCatalog


@dataclass(frozen=True)
class Actions:
    """What the views ask of the workbench.

    Parameters
    ----------
    on_select
        Seconds were brushed.
    image_seconds
        Make an image of the selected seconds.
    clear_seconds
        Select nothing.
    on_source
        A source was chosen; its spectrum is wanted.
    on_light_curve
        The light curve of a source is wanted.
    on_catalog
        The catalogue was edited.
    """

    on_select: Callable[[Any], object]
    image_seconds: Callable[[], object]
    clear_seconds: Callable[[], object]
    on_source: Callable[[str], object]
    on_light_curve: Callable[[str], object]
    on_catalog: Callable[[SourceCatalog], object]
