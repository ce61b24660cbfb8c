"""Add up blocks of a matrix, and close small gaps between bins of true energy."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.errors import DamagedFile, FileWarning
from oda_widgets.products.response import Response

# Lower and upper edges, shape (n_energies,), and the matrix, (n_energies, n_channels).
Block = tuple[Floats, Floats, Floats]
_SAME = 1e-6  # largest relative difference of equal edges
SLIGHT = 0.5  # largest gap that is closed, as a fraction of the narrower bin beside it


def added(blocks: list[Block]) -> Block:
    """Return the sum of blocks of a matrix, over the bins of all blocks.

    A photon contributes to the row of each block whose bin contains its energy.
    """
    first_low, first_high, total = blocks[0]
    if all(_same_bins(block, blocks[0]) for block in blocks[1:]):
        for _, _, matrix in blocks[1:]:
            total = total + matrix
        return first_low, first_high, total
    edges = _distinct_edges(
        np.sort(np.concatenate([edge for block in blocks for edge in block[:2]]))
    )
    low, high = edges[:-1], edges[1:]
    rows = sum(_rows_at(block, (low + high) / 2) for block in blocks)
    return low, high, np.asarray(rows)


def adjoined(response: Response) -> Response:
    """Return a response without empty bins of energy, and with small gaps closed.

    XSPEC reads such files silently, but models need adjoining bins.
    """
    filled = response.energy_high > response.energy_low
    if not filled.any():
        problem = "All its bins of true energy are empty (ENERG_LO, ENERG_HI)."
        raise DamagedFile(problem, "Give an OGIP response file.")
    if not filled.all():
        _warn(f"{np.sum(~filled)} bins of true energy are empty and were left out.")
        response = replace(
            response,
            energy_low=response.energy_low[filled],
            energy_high=response.energy_high[filled],
            redistribution=response.redistribution[filled],
            area=response.area[filled],
        )
    low, high = response.energy_low, response.energy_high
    gap = low[1:] - high[:-1]
    narrower = np.minimum(high[1:] - low[1:], high[:-1] - low[:-1])
    slight = (np.abs(gap) > 1e-4 * low[1:]) & (np.abs(gap) <= SLIGHT * narrower)
    if not slight.any():
        return response
    _warn(f"{slight.sum()} gaps between bins of true energy were closed.")
    closed = low.copy()
    closed[1:][slight] = high[:-1][slight]
    return replace(response, energy_low=closed)


def _same_bins(block: Block, other: Block) -> bool:
    return len(block[0]) == len(other[0]) and all(
        np.allclose(mine, theirs, rtol=_SAME)
        for mine, theirs in zip(block[:2], other[:2], strict=True)
    )


def _distinct_edges(edges: Floats) -> Floats:
    """Return sorted edges without repetition."""
    distinct = np.append(True, np.diff(edges) > _SAME * edges[1:])
    return np.asarray(edges[distinct])


def _rows_at(block: Block, energies: Floats) -> Floats:
    """Return the rows of a block at given energies; zero outside of its bins."""
    low, high, matrix = block
    row = np.clip(np.searchsorted(low, energies, side="right") - 1, 0, len(low) - 1)
    inside = (low[row] <= energies) & (energies < high[row])
    return np.where(inside[:, np.newaxis], matrix[row], 0.0)


def _warn(text: str) -> None:
    warnings.warn(text, FileWarning, stacklevel=3)
