"""Colours and markers that tell the products of one figure apart.

The colours are those of Okabe and Ito, distinct for every kind of colour vision, and the wine of
Tol's muted scheme; each comes with a marker of its own, so that they differ in grey, too.
Yellow is left out: on white it is lost.
"""

from __future__ import annotations

from dataclasses import dataclass

_ON_PAPER = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555", "#882255")
# Legible on a light and on a dark page.
_ON_SCREEN = (
    "#2f81c7",
    "#d9680f",
    "#009e73",
    "#cc79a7",
    "#c98b00",
    "#56b4e9",
    "#8a8f98",
    "#a8456f",
)
_PAPER_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_SCREEN_MARKERS = (
    "circle", "square", "triangle", "diamond", "inverted_triangle", "plus", "x", "star",
)  # fmt: skip
MOST = len(_ON_PAPER)
"""Number of colours; colour and marker together distinguish its square of products."""


@dataclass(frozen=True)
class Look:
    """Colour and marker of one product of several.

    Parameters
    ----------
    colour
        Hexadecimal.
    marker
        As matplotlib or Bokeh calls it.
    """

    colour: str
    marker: str


def on_paper(number: int) -> Look:
    """Return the look of a product by its number from 0, for matplotlib."""
    return Look(_ON_PAPER[number % MOST], _PAPER_MARKERS[_turn(number)])


def on_screen(number: int) -> Look:
    """Return the look of a product by its number from 0, for Bokeh."""
    return Look(_ON_SCREEN[number % MOST], _SCREEN_MARKERS[_turn(number)])


@dataclass(frozen=True)
class FitColours:
    """Colours of the figure of a fit.

    Parameters
    ----------
    data
        One for each spectrum.
    terms
        One for each term of the model; the terms are dashed.
    model
        Colour of the whole model, used for nothing else.
    """

    data: tuple[str, ...]
    terms: tuple[str, ...]
    model: str


def fit_colours(spectra: int, terms: int, *, paper: bool = False) -> FitColours:
    """Return the colours of a fit of some spectra by a model of some terms."""
    first, model, *others = _ON_PAPER if paper else _ON_SCREEN
    free = (first, *others)
    return FitColours(
        tuple(free[number % len(free)] for number in range(spectra)),
        tuple(free[(spectra + number) % len(free)] for number in range(terms)),
        model,
    )


def _turn(number: int) -> int:
    """Return the number of a marker; each round of colours pairs them with other markers."""
    return (number + number // MOST) % MOST
