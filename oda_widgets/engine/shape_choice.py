"""The choice whether an image needs background shapes of single modules.

In the one real window the modules have more structure than a polynomial over the whole detector can
describe, which makes the noise of long images up to three times that of counting statistics. Where
there is no such structure, the shapes cost a per cent of the sensitivity, and time; so the data
decide.
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

_FOR_A_PARAMETER = 2.0  # required fall of chi square (Akaike 1974, IEEE TAC 19, 716)

_FITTED_ALREADY = 1e-5  # of the information about a column: less is rounding


@dataclass(frozen=True)
class Block:
    """Columns that are zero except in some pixels.

    Parameters
    ----------
    pixels
        Their numbers among those in use, shape (n,).
    columns
        Values of the columns in these pixels, shape (n_columns, n).
    """

    pixels: NDArray[np.intp]
    columns: Singles


@dataclass(frozen=True)
class Improvement:
    """Effect of additional columns on a fit.

    Parameters
    ----------
    fit, columns
        The fit, and its columns, shape (n_columns, n_used).
    more
        Blocks that may be added.
    score
        Projection of the residuals on these columns, shape (n,).
    overlap
        Y W X of the columns Y that may be added, shape (n, n_columns).
    inverse
        Inverse of the information about them beside the fit, shape (n, n).
    """

    fit: LinearFit
    columns: Singles
    more: Sequence[Block]
    score: Floats
    overlap: Floats
    inverse: Floats

    @property
    def fall(self) -> float:
        """The fall of chi square with the additional columns."""
        return float(self.score @ self.inverse @ self.score)

    @property
    def model(self) -> Floats:
        """Expected counts with the additional columns, shape (n_used,)."""
        step = self.inverse @ self.score
        change = step @ self.overlap @ self.fit.covariance
        model: Floats = self.fit.model - change.astype(np.float32) @ self.columns
        for part, block in _parts(self.more):
            model[block.pixels] += step[part].astype(np.float32) @ block.columns
        return model

    def most(self, counts: Floats, fit: LinearFit) -> float:
        """Return an upper limit of the fall of chi square in another fit of the same columns.

        The remaining information rises with each weight (it is a Schur complement): if all weights
        are at least r times those of this fit, chi square falls by at most 1 / r times as much as
        with these.

        Parameters
        ----------
        counts
            Of the pixels in use, shape (n_used,).
        fit
            Fit of the columns to them.
        """
        least = float(np.min(fit.weights / self.fit.weights))
        score = _score(counts, fit, self.more)
        return float(score @ self.inverse @ score) / least


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

    The score test needs no second fit: with residuals r, weights W, fitted columns X and additional
    columns Y, chi square falls by u . (Y W Y - Y W X (X W X)^-1 X W Y)^-1 . u, u = Y W r.

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
    weights = fit.weights.astype(np.float32)
    number = sum(len(block.columns) for block in more)
    whole, overlap = np.zeros((number, number)), np.empty((number, len(columns)))
    for part, block in _parts(more):
        weighted = block.columns * weights[block.pixels]
        overlap[part] = weighted @ columns.take(block.pixels, axis=1).T
        whole[part, part] = weighted @ block.columns.T
    # Parts of the additional columns are already fitted; a dead module has nothing to fit.
    own = np.sqrt(np.diag(whole))
    scale = np.divide(1.0, own, out=np.zeros_like(own), where=own > 0)
    left = (whole - overlap @ fit.covariance @ overlap.T) * scale[:, None] * scale
    inverse = np.linalg.pinv(left, rcond=_FITTED_ALREADY, hermitian=True)
    score = _score(counts, fit, more)
    return Improvement(fit, columns, more, score, overlap, scale[:, None] * inverse * scale)


def _score(counts: Floats, fit: LinearFit, more: Sequence[Block]) -> Floats:
    """Return the projection of the residuals of a fit on additional columns, shape (n,)."""
    left = (fit.weights * (counts - fit.model)).astype(np.float32)
    return np.concatenate([block.columns @ left.take(block.pixels) for block in more]).astype(float)


def _parts(blocks: Sequence[Block]) -> Iterator[tuple[slice, Block]]:
    """Iterate over blocks with the place of each among all columns."""
    first = 0
    for block in blocks:
        yield slice(first, first + len(block.columns)), block
        first += len(block.columns)


def is_worth(fall: float, parameters: int) -> bool:
    """Return whether a fall of chi square justifies additional parameters.

    By Akaike's criterion it does if the model with them predicts new counts better. For the 42
    parameters of the modules it requires 84, where chance gives 42 +- 9.
    """
    return fall > _FOR_A_PARAMETER * parameters
