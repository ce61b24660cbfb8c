"""The mask, against the facts that are known of it."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.instruments.isgri.mask import ELEMENTS, ORDER, mask_pattern, open_fraction


def test_pattern_is_the_modified_uniformly_redundant_array() -> None:
    squares = {i * i % ORDER for i in range(1, ORDER)}

    def is_open(row: int, column: int) -> bool:
        if row == 0:
            return False
        return column == 0 or (row in squares) == (column in squares)

    index = [(k - ELEMENTS // 2) % ORDER for k in range(ELEMENTS)]
    expected = [[is_open(row, column) for column in index] for row in index]
    np.testing.assert_array_equal(mask_pattern(), expected)


def test_half_of_it_is_open() -> None:
    assert mask_pattern().shape == (95, 95)
    assert open_fraction() == pytest.approx(0.5002, abs=5e-5)


def test_pattern_is_a_sum_of_two_outer_products() -> None:
    singular = np.linalg.svd(mask_pattern().astype(float), compute_uv=False)
    assert singular[1] > 1
    assert singular[2] < 1e-10 * singular[0]


def test_one_period_correlates_with_itself_like_a_point() -> None:
    """The decoding array is 2 A - 1, but +1 at the origin (Gottesman & Fenimore 1989)."""
    period = mask_pattern()[:ORDER, :ORDER].astype(float)
    decoding = 2 * period - 1
    centre = ELEMENTS // 2  # the element of class (0, 0)
    decoding[centre, centre] = 1
    spectrum = np.fft.fft2(period) * np.conj(np.fft.fft2(decoding))
    response = np.fft.ifft2(spectrum).real
    assert response[0, 0] == pytest.approx(period.sum())
    response[0, 0] = 0
    np.testing.assert_allclose(response, 0, atol=1e-9)
