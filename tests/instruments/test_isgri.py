"""Where the pixels of ISGRI are."""

from __future__ import annotations

import numpy as np

from oda_widgets.instruments import isgri


def test_there_are_16384_pixels_in_eight_modules() -> None:
    modules = isgri.module_numbers()
    assert isgri.existing_pixels().sum() == isgri.WORKING_PIXELS
    assert (np.bincount(modules[modules >= 0]) == 2048).all()
    assert ((modules >= 0) == isgri.existing_pixels()).all()


def test_the_dead_lines_are_where_the_files_have_no_events() -> None:
    exists = isgri.existing_pixels()
    assert list(np.flatnonzero(~exists.any(axis=1))) == [32, 33, 66, 67, 100, 101]
    assert list(np.flatnonzero(~exists.any(axis=0))) == [64, 65]


def test_the_detector_is_centred_and_as_large_as_osas_image() -> None:
    for centres, size in ((isgri.pixel_centres_y(), 598.0), (isgri.pixel_centres_z(), 616.4)):
        assert abs(centres.sum()) < 1e-9
        assert abs(centres[-1] - centres[0] + isgri.PIXEL_PITCH - size) < 1e-9


def test_a_module_has_a_rim_of_one_pixel() -> None:
    assert isgri.module_rims().sum() == 8 * (2 * 64 + 2 * 32 - 4)


def test_shared_arrays_cannot_be_changed() -> None:
    for array in (isgri.pixel_centres_y(), isgri.existing_pixels(), isgri.module_rims()):
        assert not array.flags.writeable
