"""A bright source does not move the scale: its photons are not on the pixels in the shadow."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.instruments.isgri.energies.line_counts import line_counts
from oda_widgets.instruments.isgri.energies.lines import LineScale, calibrate
from oda_widgets.instruments.isgri.energies.pixel_gains import PixelGains
from oda_widgets.instruments.isgri.energies.pulses import Pulses
from oda_widgets.instruments.isgri.energies.shadow import in_shadow
from tests.instruments.energies.detector import draw


@pytest.fixture(scope="module")
def background() -> Pulses:
    return draw(2_000_000).pulses


def with_source(background: Pulses, number: int) -> Pulses:
    """Return the background with photons of a source on half of the pixels, in blocks."""
    random = np.random.default_rng(6)
    y, z = np.divmod(np.arange(128 * 128), 128)
    lit = np.flatnonzero((random.random((32, 32)) < 0.5)[y // 4, z // 4])
    y, z = np.divmod(random.choice(lit, number), 128)
    energy = 33.0 / np.sqrt(random.random(number))
    columns = (
        (background.height, np.round((energy - 12.0) / 0.96).clip(0, 2047).astype(np.int16)),
        (background.rise_time, random.integers(10, 60, number).astype(np.uint8)),
        (background.dety, (y + 2 * (y // 64)).astype(np.uint8)),
        (background.detz, (z + 2 * (z // 32)).astype(np.uint8)),
    )
    return Pulses(*(np.concatenate(column) for column in columns))


def scale_of(pulses: Pulses) -> LineScale:
    scale = calibrate(line_counts(pulses, PixelGains.equal().level(pulses)))
    assert scale is not None
    return scale


def test_without_a_bright_source_all_pixels_count(background: Pulses) -> None:
    assert np.all(in_shadow(background))


@pytest.mark.parametrize("number", [300_000, 1_000_000, 4_000_000])
def test_a_bright_source_does_not_move_the_scale(background: Pulses, number: int) -> None:
    pulses = with_source(background, number)
    dark = pulses[np.flatnonzero(in_shadow(pulses))]
    assert len(dark) < 0.45 * len(background)
    assert scale_of(dark).reference == pytest.approx(scale_of(background).reference, rel=0.015)


def test_no_events_have_no_shadow(background: Pulses) -> None:
    assert len(in_shadow(background[:0])) == 0
