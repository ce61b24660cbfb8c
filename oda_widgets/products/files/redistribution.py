"""Redistribution matrices in OGIP's packing: groups of channels for each true energy.

OGIP memo CAL/GEN/92-002: a row of the matrix is stored as N_GRP runs of channels, run k starting
at channel F_CHAN[k] and N_CHAN[k] long, their elements one after the other in MATRIX.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from oda_widgets.errors import DamagedFile
from oda_widgets.products.files.columns import compact_column, integer_column, needed_column


def pack(matrix: NDArray[np.float64], first_channel: int) -> list[fits.Column]:
    """Return the columns of a matrix with one run of all channels in each row.

    The matrices of ISGRI are 97 % full, so that more runs would save nothing.
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
        With columns N_GRP, F_CHAN, N_CHAN and MATRIX, of fixed or variable length.
    n_channels
        Number of channels (rows of EBOUNDS).
    first_channel
        Number of the first channel where the table does not state it (TLMIN of F_CHAN).

    Raises
    ------
    DamagedFile
        If a column is missing or a run leaves the range of channels.
    """
    runs, starts = needed_column(table, "N_GRP"), needed_column(table, "F_CHAN")
    lengths, elements = needed_column(table, "N_CHAN"), needed_column(table, "MATRIX")
    offset = _first_legal_channel(table, first_channel)
    matrix = np.zeros((len(table.data), n_channels))
    for row, n_runs in enumerate(runs):
        row_starts = np.atleast_1d(starts[row])[:n_runs].astype(int) - offset
        row_lengths = np.atleast_1d(lengths[row])[:n_runs].astype(int)
        _fill(matrix[row], row_starts, row_lengths, elements[row])
    return matrix


def _first_legal_channel(table: fits.BinTableHDU, default: int) -> int:
    names = [name.upper() for name in table.columns.names]
    return int(table.header.get(f"TLMIN{names.index('F_CHAN') + 1}", default))


def _fill(row: NDArray[np.float64], starts: Any, lengths: Any, elements: Any) -> None:
    used = 0
    values = np.atleast_1d(elements)
    for start, length in zip(starts, lengths, strict=True):
        fits_in = start >= 0 and start + length <= len(row) and used + length <= len(values)
        if not fits_in:
            problem = f"A row of its matrix leaves the {len(row)} channels of EBOUNDS."
            raise DamagedFile(problem, "Use a matrix and channel bounds from the same file.")
        row[start : start + length] = values[used : used + length]
        used += length
