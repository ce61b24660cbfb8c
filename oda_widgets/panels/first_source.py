"""The source that the page begins with, where nobody has named one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from oda_widgets.errors import EmptySelection
from oda_widgets.lookup.reference_catalog import sources_within

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site
    from oda_widgets.request.science_windows import ScienceWindowList
    from oda_widgets.request.source import Source

_OF_THE_SAMPLE = "SGR 1935+2154"
_FIELD = 12.0  # degrees from the line of sight


def first_source(site: Site) -> tuple[Source, ScienceWindowList]:
    """Return the source of the bundled bursts or, where a site has no window of it, another.

    That is the brightest one that the reference catalogue knows in the field of a window.

    Returns
    -------
    source, windows
        The source, and the science windows of the site around it.

    Raises
    ------
    OdaError
        If the site has no window, or none with a known source.
    """
    usual = site.resolve(_OF_THE_SAMPLE)
    try:
        return usual, site.science_windows(usual)
    except EmptySelection:
        window = site.science_windows(limit=1)[0]
        known = sources_within(window.ra, window.dec, _FIELD)
        if not known:
            raise
        brightest = max(known, key=lambda source: float(np.nan_to_num(source.rate_20_60)))
        return brightest.source, site.science_windows(brightest.source)
