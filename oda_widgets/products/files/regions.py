"""Regions for DS9."""

from __future__ import annotations

from oda_widgets.request.catalog import CatalogSource, SourceCatalog

_HEADER = "# Region file format: DS9 version 4.1\nglobal color=green width=1\nfk5\n"
# About the point spread of ISGRI: a circle that can be seen around a source without error radius.
_DEFAULT_RADIUS = 0.1


def region_text(catalog: SourceCatalog) -> str:
    """Return circles around the sources; a dashed circle is a source without a tick."""
    return _HEADER + "".join(f"{_circle(source)}\n" for source in catalog)


def _circle(source: CatalogSource) -> str:
    radius = source.error_radius or _DEFAULT_RADIUS
    label = source.name.replace("{", "(").replace("}", ")")
    dashed = "" if source.selected else " dash=1"
    return f"circle({source.ra!r},{source.dec!r},{radius!r}) # text={{{label}}}{dashed}"
