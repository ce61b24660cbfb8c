"""Pack and unpack redistribution matrices in the format of OGIP.

OGIP memo CAL/GEN/92-002: a row of the matrix is stored as N_GRP runs of channels. Run k starts at
channel F_CHAN[k] and has N_CHAN[k] channels; MATRIX holds the elements of all runs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from oda_widgets.errors import DamagedFile
from oda_widgets.products.files.cards import float_value
from oda_widgets.products.files.columns import (
    column_position,
    compact_column,
    integer_column,
    needed_arrays,
    needed_integers,
)

_MOST_ELEMENTS = 1 << 25  # 268 MB


def pack(matrix: NDArray[np.float64], first_channel: int) -> list[fits.Column]:
    """Return the columns of a matrix with one run of all channels in each row.

    Matrices of ISGRI are 97 % full: more runs would not save space.
    """
    n_energies, n_channels = matrix.shape
    rows = np.ones(n_energies, dtype=np.int64)
    return [
        integer_column("N_GRP", rows),
        integer_column("F_CHAN", rows * first_channel),
        integer_column("N_CHAN", rows * n_channels),
        compact_column("MATRIX", matrix),
    ]


def unpack(table: fits.BinTableHDU, n_channels: int, first_channel: int) -> NDArray[np.float64]:
    """Return a matrix, shape (n_energies, n_channels).

    Parameters
    ----------
    table
        Table with columns N_GRP, F_CHAN, N_CHAN and MATRIX, of fixed or variable length.
    n_channels
        Number of channels (rows of EBOUNDS).
    first_channel
        Number of the first channel in EBOUNDS.

    Raises
    ------
    DamagedFile
        If a column is missing, or a run exceeds the range of channels.
    """
    if len(table.data) * n_channels > _MOST_ELEMENTS:
        problem = f"Its matrix has {len(table.data):,} energies times {n_channels:,} channels."
        advice = f"Rebin it to {_MOST_ELEMENTS:,} elements at most (rbnrmf)."
        raise DamagedFile(problem, advice)
    runs = needed_integers(table, "N_GRP")
    starts, lengths = _integers(table, "F_CHAN", runs), _integers(table, "N_CHAN", runs)
    elements = needed_arrays(table, "MATRIX")
    offset = _first_legal_channel(table, starts, lengths, n_channels, first_channel)
    matrix = np.zeros((len(table.data), n_channels))
    for row, row_starts in enumerate(starts):
        _fill(matrix[row], row_starts - offset, lengths[row], elements[row])
    return matrix


def _integers(table: fits.BinTableHDU, name: str, runs: NDArray[np.int_]) -> list[NDArray[np.int_]]:
    """Return a column of whole numbers, one for each run of each row."""
    found = [row[:n] for row, n in zip(needed_arrays(table, name), runs, strict=True)]
    for number, row in enumerate(found, 1):
        if not (np.isfinite(row) & (row == np.rint(row))).all():
            problem = f"The column {name} holds no whole numbers in row {number}."
            raise DamagedFile(problem, "Give an OGIP response file.")
    return [row.astype(int) for row in found]


def _first_legal_channel(
    table: fits.BinTableHDU,
    starts: list[NDArray[np.int_]],
    lengths: list[NDArray[np.int_]],
    n_channels: int,
    first_channel: int,
) -> int:
    """Return the number of the first channel: TLMIN of F_CHAN, or 1 by OGIP's default.

    Other files count as in EBOUNDS, or from 0; the first possibility that fits the runs is used.
    """
    first = min((int(row.min()) for row in starts if len(row)), default=1)
    ends = (int((s + n).max()) for s, n in zip(starts, lengths, strict=True) if len(s))
    last = max(ends, default=1)
    stated = float_value(table.header, f"TLMIN{column_position(table, 'F_CHAN')}")
    candidates = [] if stated is None else [int(stated)]
    for candidate in (*candidates, 1, first_channel, 0):
        if first >= candidate and last - candidate <= n_channels:
            return candidate
    return candidates[0] if candidates else 1


def _fill(row: NDArray[np.float64], starts: Any, lengths: Any, values: NDArray[np.float64]) -> None:
    """Write the elements of the runs of a row into the matrix."""
    used = 0
    for start, length in zip(starts, lengths, strict=True):
        fits_in = start >= 0 <= length and start + length <= len(row)
        if not fits_in or used + length > len(values):
            problem = f"A row of its matrix leaves the {len(row)} channels of EBOUNDS."
            raise DamagedFile(problem, "Use a matrix and channel bounds from the same file.")
        row[start : start + length] = values[used : used + length]
        used += length
