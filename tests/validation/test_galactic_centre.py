"""The most crowded field of the sky, in the simulated mission: missed and spurious sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import oda_widgets as oda
from oda_widgets.archive.simulated.sky import sky
from oda_widgets.request.catalog_source import CatalogSource
from tests.validation.parallel import over
from tests.validation.results import Table

_WITHIN = 0.1  # degrees: farther away it is another source
_PEAK = 0.3  # degrees: nearer the peaks of two sources have merged
_BAND = (20.0, 40.0)
_RIM = "011100300010.001"  # 4U 1700-377 shines through the rim, where nothing is searched


@dataclass(frozen=True)
class _Measured:
    """Names of spurious sources in an image, and of missed ones."""

    fakes: tuple[str, ...]
    missing: tuple[str, ...]


def test_galactic_centre(table: Callable[[str], Table]) -> None:
    found = oda.connect(archive="simulated").science_windows("GX 5-1", limit=5)
    windows = (*(window.id for window in found), _RIM)
    images = over(_measured, [*((window,) for window in windows), windows])
    single, mosaic = images[:-1], images[-1]
    with table("Simulated sky around GX 5-1, 20 to 40 keV, 6 windows and their mosaic") as row:
        row.below(
            "spurious detections above 6 σ in the windows", sum(len(i.fakes) for i in single), 0
        )
        row.below("sources above 8 σ missing there", sum(len(i.missing) for i in single), 0)
        row.below("spurious detections above 6 σ in the mosaic", len(mosaic.fakes), 0)
        row.below("sources above 8 σ missing there", len(mosaic.missing), 0)


def _measured(windows: tuple[str, ...]) -> _Measured:
    image = oda.connect(archive="simulated").image(
        windows=windows, energy=_BAND, detection_threshold=5.0
    )
    truth = [CatalogSource(source.name, source.ra, source.dec) for source in sky()]
    fakes = [
        found.name
        for found in image.catalog.brighter_than(6.0)
        if min(found.separation(source) for source in truth) > _WITHIN
    ]
    missing = [
        source.name
        for source in truth
        if _height(image, source) > 8
        and all(found.separation(source) > _PEAK for found in image.catalog)
    ]
    return _Measured(tuple(fakes), tuple(missing))


def _height(image: oda.SkyImage, source: CatalogSource) -> float:
    """Return the significance at a position, zero outside the image."""
    column, row = (float(x) for x in image.wcs.world_to_pixel_values(source.ra, source.dec))
    rows, columns = image.shape
    if not (0 <= row <= rows - 1 and 0 <= column <= columns - 1):
        return 0.0  # NaN, behind the projection, compares as False
    ra, dec = image.wcs.pixel_to_world_values(column, row)
    there = CatalogSource("pixel", float(ra) % 360, float(dec))
    # A gnomonic projection shows what lies behind it as well.
    seen = there.separation(source) < _WITHIN
    return float(image.significance[round(row), round(column)]) if seen else 0.0
