"""The layout of the detector."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.instruments.isgri import detector as isgri


def test_pixels_are_numbered_as_in_event_files() -> None:
    """DETY and DETZ count two dead columns and three pairs of dead rows (facts of the ISDC)."""
    raw_y, raw_z = np.meshgrid(np.arange(128), np.arange(128))
    dety, detz = raw_y + 2 * (raw_y >= 64), raw_z + 2 * (raw_z // 32)
    expected = np.zeros(isgri.DETECTOR_SHAPE, dtype=bool)
    expected[detz, dety] = True
    np.testing.assert_array_equal(isgri.existing_pixels(), expected)
    assert isgri.existing_pixels().sum() == isgri.WORKING_PIXELS


def test_eight_modules_of_32_by_64_pixels() -> None:
    modules = isgri.module_numbers()
    np.testing.assert_array_equal(modules >= 0, isgri.existing_pixels())
    for number in range(8):
        z, y = np.nonzero(modules == number)
        np.testing.assert_array_equal((np.ptp(z) + 1, np.ptp(y) + 1), isgri.MODULE_SHAPE)
        assert len(z) == 32 * 64


def test_rims_are_the_outermost_pixels_of_modules() -> None:
    assert isgri.module_rims().sum() == 8 * (2 * 64 + 2 * 30)
    assert not isgri.module_rims()[~isgri.existing_pixels()].any()


def test_detector_is_centred_on_the_axis() -> None:
    for centres, size in ((isgri.pixel_centres_y(), 598.0), (isgri.pixel_centres_z(), 616.4)):
        assert centres.mean() == pytest.approx(0, abs=1e-9)
        assert np.ptp(centres) + isgri.PIXEL_PITCH == pytest.approx(size)


@pytest.mark.parametrize(
    "function", [isgri.existing_pixels, isgri.module_numbers, isgri.pixel_centres_y]
)
def test_shared_arrays_are_read_only(function: object) -> None:
    assert callable(function)
    with pytest.raises(ValueError, match="read-only"):
        function()[0] = 1
