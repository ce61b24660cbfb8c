"""Turn the arguments of a fit into its recipe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oda_widgets.errors import text_of
from oda_widgets.fitting.dataset import datasets_of, per_spectrum, spectra_of
from oda_widgets.fitting.models.choices import (
    NO_CHOICES,
    Choices,
    default_parameters,
    with_choices,
)
from oda_widgets.fitting.models.expression import parse
from oda_widgets.fitting.models.parameters import Parameters
from oda_widgets.fitting.problem import Recipe
from oda_widgets.fitting.statistics import checked_statistic
from oda_widgets.fitting.xspec.xcm import CommandFile, read_xcm
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.instruments import label_of


def prepare(
    spectra: Spectrum | Sequence[Spectrum],
    model: str,
    energy: Any = None,
    systematic: Any = None,
    statistic: str | Sequence[str | None] | None = None,
    choices: Choices = NO_CHOICES,
) -> Recipe:
    """Return the recipe that `oda_widgets.fit` would fit; arguments as there."""
    listed = spectra_of(spectra)
    asked = per_spectrum("statistic", statistic, len(listed))
    described = _read_model(model, len(listed))
    pairs = zip(asked, described.statistics, strict=True)
    statistics = [checked_statistic(name) or of_file for name, of_file in pairs]
    datasets = datasets_of(listed, energy, systematic, statistics)
    parameters = with_choices(described.parameters, choices)
    notes = (*described.notes, *_note_on_factor(listed, described.model, parameters))
    return Recipe(datasets, described.model, parameters, notes)


def _note_on_factor(
    spectra: Sequence[Spectrum], model: str, parameters: Parameters
) -> tuple[str, ...]:
    """Return a note if several instruments have no factor between them."""
    instruments = dict.fromkeys(spectrum.observation.instrument for spectrum in spectra)
    apart = any(item.spectrum > 1 and not item.link for item in parameters.values())
    if len(instruments) < 2 or apart:
        return ()
    names = " and ".join(label_of(one) for one in instruments)
    return (f"{names} have no factor between them: write constant*({model}).",)


def _read_model(model: str, n_spectra: int) -> CommandFile:
    """Read a command file, or return the defaults of an expression."""
    if is_command_file(model):
        return read_xcm(text_of(model), n_spectra)
    tree = parse(model)
    return CommandFile(str(tree), default_parameters(tree, n_spectra), (None,) * n_spectra)


def is_command_file(model: str) -> bool:
    """Return whether a model is the path of a command file of XSPEC."""
    return text_of(model).lower().endswith(".xcm")
