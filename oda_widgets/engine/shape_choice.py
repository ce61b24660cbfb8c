"""Whether an image needs a background with shapes of the single modules.

In the one real window there is more structure in the modules than a polynomial over the whole
detector can follow, and it makes the noise of long images up to three times that of counting
statistics. Fitted where there is none, the shapes cost a per cent of the sensitivity and time, so
the data decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, Singles
from oda_widgets.engine.background_shapes import MODULES, module_shapes
from oda_widgets.engine.fit import LinearFit
from oda_widgets.instruments.isgri import detector as isgri

_FOR_A_PARAMETER = 2.0  # what it has to lower chi square by (Akaike 1974, IEEE TAC 19, 716)

_FITTED_ALREADY = 1e-5  # of the information about a column: what is left is rounding


@dataclass(frozen=True)
class Improvement:
    """Effect of additional columns on a fit.

    Parameters
    ----------
    fall
        By how much they would lower its chi square.
    model
        Counts that it would expect, shape (n_used,).
    """

    fall: float
    model: Floats


@dataclass(frozen=True)
class Block:
    """Columns that are zero but for some pixels.

    Parameters
    ----------
    pixels
        Their numbers among those in use, shape (n,).
    columns
        Values of the columns in these pixels, shape (n_columns, n).
    """

    pixels: NDArray[np.intp]
    columns: Singles


def module_blocks(used: NDArray[np.bool_]) -> list[Block]:
    """Return the shapes of each module, for the pixels in use, shape (134, 130)."""
    flat = np.flatnonzero(used)
    module = isgri.module_numbers().ravel()[flat]
    blocks = []
    for number, shapes in enumerate(np.split(module_shapes().astype(np.float32), MODULES)):
        pixels = np.flatnonzero(module == number)
        blocks.append(Block(pixels, shapes.reshape(len(shapes), -1).take(flat[pixels], axis=1)))
    return blocks


def with_more_columns(
    counts: Floats, columns: Singles, fit: LinearFit, more: Sequence[Block]
) -> Improvement:
    """Return the improvement of a fit by additional columns, from a score test.

    That is the score test, which needs no second fit: with residuals r, weights W, columns X fitted
    and Y to be added, chi square falls by u . (Y W Y - Y W X (X W X)^-1 X W Y)^-1 . u, u = Y W r.

    Parameters
    ----------
    counts
        Of the pixels in use, shape (n_used,).
    columns
        Fitted columns, shape (n_columns, n_used).
    fit
        Fit of `columns` to `counts`.
    more
        Blocks that may be added; no two of them may share pixels.
    """
    residual, weights = (counts - fit.model).astype(np.float32), fit.weights.astype(np.float32)
    number = sum(len(block.columns) for block in more)
    score, whole = np.empty(number), np.zeros((number, number))
    overlap = np.empty((number, len(columns)))
    for part, block in _parts(more):
        weighted = block.columns * weights[block.pixels]
        score[part] = weighted @ residual[block.pixels]
        overlap[part] = weighted @ columns.take(block.pixels, axis=1).T
        whole[part, part] = weighted @ block.columns.T
    taken = overlap @ fit.covariance
    # Some of what is added is fitted already; on a dead module there is nothing to fit.
    own = np.sqrt(np.diag(whole))
    scale = np.divide(1.0, own, out=np.zeros_like(own), where=own > 0)
    left = (whole - taken @ overlap.T) * scale[:, None] * scale
    step = scale * (np.linalg.pinv(left, rcond=_FITTED_ALREADY, hermitian=True) @ (scale * score))
    model: Floats = fit.model - (step @ taken).astype(np.float32) @ columns
    for part, block in _parts(more):
        model[block.pixels] += step[part].astype(np.float32) @ block.columns
    return Improvement(float(score @ step), model)


def _parts(blocks: Sequence[Block]) -> Iterator[tuple[slice, Block]]:
    """Iterate over blocks with the place of each among all columns."""
    first = 0
    for block in blocks:
        yield slice(first, first + len(block.columns)), block
        first += len(block.columns)


def is_worth(fall: float, parameters: int) -> bool:
    """Return whether a fall of chi square is worth so many more parameters.

    It is when a model with them predicts new counts better than one without: Akaike's criterion.
    For the 42 parameters of the modules it asks for 84, where chance gives 42 +- 9.
    """
    return fall > _FOR_A_PARAMETER * parameters
