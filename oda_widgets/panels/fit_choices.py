"""The choices of a fit: models by physics, statistics, ranges of energy."""

from __future__ import annotations

from typing import Any

import numpy as np

from oda_widgets.fitting.models.parameters import Parameters
from oda_widgets.fitting.problem import Problem
from oda_widgets.fitting.statistics import STATISTICS
from oda_widgets.panels.card import labelled, row
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.views.fields import CheckedText, number_field

# Models that suit the sources of INTEGRAL, by physics.
MODELS: dict[str, tuple[str, ...]] = {
    "Power laws": ("powerlaw", "cutoffpl", "bknpower", "grbm", "highecut*powerlaw", "pegpwrlw"),
    "Thermal": ("bbodyrad", "diskbb", "bremss", "powerlaw + gaussian"),
    "Comptonised": ("compTT", "compPS", "bbodyrad + compTT", "diskbb + compbb"),
}
CHOICES: dict[str, str] = {
    "the one that suits the data": "",
    **{f"{kind.symbol}: {kind.suits}": name for name, kind in STATISTICS.items()},
}
PRIORS: dict[str, str] = {"flat priors": "flat", "Jeffreys' prior": "jeffreys"}
_DEFAULT_RANGE = (30.0, 300.0)


def free_values(problem: Problem, parameters: Parameters, values: dict[str, float]) -> Any:
    """Return the values of the free parameters, from a table where it lists them."""
    free = parameters.free
    wanted = [values.get(name, parameters[name].value) for name in free]
    return np.clip(np.array(wanted, dtype=float), problem.links.low, problem.links.high)


def default_model(n_spectra: int) -> str:
    """Return the model to begin with; several spectra get a factor between them."""
    return with_factor("powerlaw", n_spectra)


def model_menu(n_spectra: int) -> list[tuple[str, str]]:
    """Return the models by physics; several spectra get a factor between them."""
    options = [("choose…", "")]
    for group, models in MODELS.items():
        options += [(f"{group}: {model}", with_factor(model, n_spectra)) for model in models]
    return options


def with_factor(model: str, n_spectra: int) -> str:
    """Return a model, for several spectra with a factor, by which instruments may differ."""
    if n_spectra == 1:
        return model
    return f"constant*({model})" if "+" in model else f"constant*{model}"


def range_fields(spectrum: Spectrum) -> tuple[CheckedText, CheckedText]:
    """Return fields for the range of energies that a spectrum is fitted in."""
    good = spectrum.quality == 0
    low = float(spectrum.channel_low[good][0]) if good.any() else 1.0
    high = float(spectrum.channel_high[good][-1]) if good.any() else 1e4
    first, last = _DEFAULT_RANGE if low < 100 < high else (low, high)
    return (
        number_field("energy", round(max(first, low), 3), 0.1, 1e5, "keV"),
        number_field("energy", round(min(last, high), 3), 0.1, 1e5, "keV"),
    )


def labelled_range(name: str, controls: tuple[CheckedText, CheckedText]) -> Any:
    """Return the fields of a range under the name of its spectrum, if there are several."""
    field = labelled(f"From, to (keV): {name}" if name else "From, to (keV)", row(*controls))
    field.add_class("oda-fit-range")
    for control, end in zip(controls, ("Lowest", "Highest"), strict=True):
        control.tooltip = f"{end} energy of {name}" if name else f"{end} energy"
    return field
