from __future__ import annotations

import numpy as np
import pytest
from astropy.wcs import WCS

from oda_widgets.views.sky.graticule import graticule, thinned
from oda_widgets.views.sky.window import Window
from tests.views import handmade

WHOLE = Window(-0.5, 239.5, -0.5, 239.5)


def centred(ra: float, dec: float) -> WCS:
    projection = handmade.wcs()
    projection.wcs.crval = [ra, dec]
    projection.wcs.set()
    return projection


def test_labels_stand_where_the_lines_meet_the_frame() -> None:
    projection = handmade.wcs()
    grid = graticule(projection, WHOLE)
    assert len(grid.bottom) >= 3
    for place, label in grid.bottom.items():
        ra, _ = projection.wcs_pix2world(place, WHOLE.bottom, 0)
        hours, minutes = label.removesuffix("m").split("h")
        assert float(ra) == pytest.approx(15 * (int(hours) + int(minutes) / 60), abs=0.05)
    for place, label in grid.left.items():
        _, dec = projection.wcs_pix2world(WHOLE.left, place, 0)
        assert float(dec) == pytest.approx(float(label.rstrip("°")), abs=0.05)


def test_lines_follow_the_projection() -> None:
    projection = handmade.wcs()
    for x, y in graticule(projection, WHOLE).curves:
        drawn = np.isfinite(x)
        ra, dec = projection.wcs_pix2world(x[drawn], y[drawn], 0)
        assert min(np.ptp(ra), np.ptp(dec)) < 1e-6


def test_the_field_may_contain_zero_hours() -> None:
    labels = graticule(centred(0.5, 10), WHOLE).bottom.values()
    assert "0h00m" in labels
    assert any(label.startswith("23h") for label in labels)


def test_the_field_may_contain_a_pole() -> None:
    grid = graticule(centred(120, 89), WHOLE)
    assert grid.curves
    assert len(grid.left) + len(grid.bottom) > 0


def test_a_zoom_gets_a_finer_grid() -> None:
    close = graticule(handmade.wcs(), Window(100, 110, 100, 110))
    assert 2 <= len(close.left) <= 8
    assert all("′" in label for label in close.left.values())


def test_degrees_instead_of_hours() -> None:
    labels = graticule(handmade.wcs(), WHOLE, sexagesimal=False).bottom.values()
    assert all(label.endswith("°") for label in labels)


def test_labels_thin_out_where_there_is_no_room() -> None:
    labels = {100.0 * n: f"{20 - n}h30m" for n in range(6)}
    assert thinned(labels, 1.0, 6.7) == labels
    assert list(thinned(labels, 0.5, 6.7)) == [0.0, 200.0, 400.0]
    assert list(thinned(labels, 0.1, 6.7)) == [0.0]
    assert thinned({}, 1.0, 6.7) == {}
