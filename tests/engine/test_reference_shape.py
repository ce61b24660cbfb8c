"""The background of bright bursts (real): it has another shape than the rest of their window."""

from __future__ import annotations

import numpy as np

import oda_widgets as oda

NAME = "SGR 1935+2154"
BLOCK = 62  # pixels: five degrees


def test_an_image_of_bright_bursts_has_no_slope(sample_site: oda.Site) -> None:
    curve = sample_site.light_curves(catalog=[NAME], energy=(28, 150), time_bin=0.5)[NAME]
    bursts = curve.intervals(above=200, significance=5)
    image = sample_site.image(NAME, energy=(28, 150), intervals=bursts)
    rows, columns = (length // BLOCK for length in image.shape)
    whole = image.significance[: rows * BLOCK, : columns * BLOCK]
    blocks = whole.reshape(rows, BLOCK, columns, BLOCK).swapaxes(1, 2).reshape(rows, columns, -1)
    seen = np.isfinite(blocks).mean(axis=2) > 0.5
    assert np.abs(np.nanmedian(blocks[seen], axis=1)).max() < 0.5  # it was 1.8
    assert image.catalog[NAME].significance > 160
