"""From the arguments of a fit to the recipe of what is fitted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.fitting.dataset import datasets_of, spectra_of
from oda_widgets.fitting.models.choices import (
    NO_CHOICES,
    Choices,
    default_parameters,
    with_choices,
)
from oda_widgets.fitting.models.expression import parse
from oda_widgets.fitting.problem import Recipe
from oda_widgets.fitting.statistics import STATISTICS
from oda_widgets.fitting.xspec.xcm import CommandFile, read_xcm
from oda_widgets.products.spectrum import Spectrum


def prepare(
    spectra: Spectrum | Sequence[Spectrum],
    model: str,
    energy: Any = None,
    systematic: Any = None,
    statistic: str | None = None,
    choices: Choices = NO_CHOICES,
) -> Recipe:
    """Return what `oda_widgets.fit` would fit, without fitting; arguments as there."""
    if statistic is not None and statistic not in STATISTICS:
        advice = f"Choose one of {', '.join(STATISTICS)}."
        raise BadParameter("statistic", statistic, "no such statistic", advice)
    listed = spectra_of(spectra)
    stated = _stated(model, len(listed))
    chosen = statistic or stated.statistic
    datasets = datasets_of(listed, energy, systematic, counting=chosen != "chi2")
    parameters = with_choices(stated.parameters, choices)
    return Recipe(datasets, stated.model, parameters, chosen, stated.notes)


def _stated(model: str, n_spectra: int) -> CommandFile:
    """Read a command file, or return the defaults of an expression."""
    if is_command_file(model):
        return read_xcm(str(model), n_spectra)
    tree = parse(model)
    return CommandFile(str(tree), default_parameters(tree, n_spectra), "chi2")


def is_command_file(model: str) -> bool:
    """Tell whether a model is named by a command file of XSPEC."""
    return str(model).lower().endswith(".xcm")
