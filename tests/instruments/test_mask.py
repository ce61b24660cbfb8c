"""The mask of IBIS."""

from __future__ import annotations

import numpy as np

from oda_widgets.instruments.mask import ELEMENTS, ORDER, mask_pattern, open_fraction


def test_the_mask_is_the_mura_of_order_53_written_out() -> None:
    """As OSA's illumination function demands: A[0, :] = 0, A[1:, 0] = 1, else chi chi = +1."""
    squares = {i * i % ORDER for i in range(1, ORDER)}

    def is_open(row: int, column: int) -> bool:
        if row == 0:
            return False
        return column == 0 or (row in squares) == (column in squares)

    offset = np.arange(ELEMENTS) - 47
    written = [[is_open(int(k) % ORDER, int(m) % ORDER) for m in offset] for k in offset]
    assert (mask_pattern() == np.array(written)).all()


def test_one_row_is_closed_and_one_column_open_at_the_centre() -> None:
    pattern = mask_pattern()
    assert not pattern[47].any()
    assert np.delete(pattern[:, 47], 47).all()
    assert abs(open_fraction() - 0.5002) < 1e-4


def test_the_basic_pattern_has_flat_side_lobes() -> None:
    """Correlated with its decoding pattern a MURA is a single peak (Gottesman & Fenimore)."""
    basic = mask_pattern()[47 - 26 : 47 + 27, 47 - 26 : 47 + 27].astype(float)
    decoding = 2 * basic - 1
    decoding[26, 26] = 1.0
    shadow = np.fft.fft2(basic) * np.conj(np.fft.fft2(decoding))
    response = np.fft.ifft2(shadow).real
    assert np.unravel_index(response.argmax(), response.shape) == (0, 0)
    response[0, 0] = 0.0
    assert np.abs(response).max() < 1e-9
