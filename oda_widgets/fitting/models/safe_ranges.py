"""Safe ranges of parameters: outside them some models of XSPEC's library crash Python.

Limits may be moved beyond those of ``model.dat``, but not beyond these ranges: each was tried with
thousands of parameter vectors in processes of their own (``tests/validation/storm.py``). A model of
the library that is not listed here keeps the limits of ``model.dat``.
"""

from __future__ import annotations

from functools import cache
from math import inf

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter
from oda_widgets.fitting.models.definitions import ModelDefinition, definitions
from oda_widgets.fitting.models.grid import Values
from oda_widgets.fitting.models.numpy_models import NUMPY_FLUX_MODELS, NUMPY_MODELS
from oda_widgets.fitting.models.parameters import Parameters

Range = tuple[float, float]

_ANY: Range = (-inf, inf)
# By model, parameters in XSPEC's order. In compTT a negative T0 or kT crashes the process.
_TRIED: dict[str, tuple[Range, ...]] = {
    "bremss": (_ANY,),
    "diskbb": (_ANY,),
    "phabs": (_ANY,),
    "TBabs": (_ANY,),
    "compTT": ((-0.999, 10.0), (1e-4, 1e3), (1e-3, 1e4), (1e-5, 1e4), (0.0, 200.0)),
    "compbb": ((1e-6, 1e4), (1e-3, 1e4), (0.0, 1e3)),
}
# Single parameters beyond model.dat: a negative tau_y is the Compton parameter y, 4 tau kTe/mc2.
_TRIED_ALONE: dict[tuple[str, str], Range] = {("compPS", "tau_y"): (-5.0, 3.0)}


@cache
def safe_ranges(model: ModelDefinition) -> tuple[Range, ...]:
    """Return the safe range of each parameter of a model, the norm included."""
    n_parameters = len(model.parameters)
    if model.name in NUMPY_MODELS or model.name in NUMPY_FLUX_MODELS:
        return (_ANY,) * n_parameters
    hard = tuple(
        _TRIED_ALONE.get((model.name, item.name), (item.hard_low, item.hard_high))
        for item in model.parameters
    )
    shape = _TRIED.get(model.name, hard if model.kind != "add" else hard[:-1])
    return shape if model.kind != "add" else (*shape, _ANY)


def survives(model: ModelDefinition, values: Values) -> bool:
    """Return whether values, without the norm, are safe for a model of the library."""
    ranges = safe_ranges(model)
    return all(low <= value <= high for value, (low, high) in zip(values, ranges, strict=False))


def check_safe(parameters: Parameters, values: Floats) -> None:
    """Check that values and limits cannot crash XSPEC's library.

    Parameters
    ----------
    parameters
        All parameters.
    values
        Values of all parameters, links followed.

    Raises
    ------
    BadParameter
        If one of them may; the message names its range.
    """
    for (name, item), value in zip(parameters.items(), values, strict=True):
        model = definitions()[item.model.split("#")[0]]
        names = [known.name for known in model.parameters]
        low, high = safe_ranges(model)[names.index(item.name)]
        limit = f"XSPEC's {model.name} may end the process {_outside_text(low, high)}"
        advice = f"Keep {name} there."
        if value < low or value > high:
            raise BadParameter(name, float(value), limit, advice)
        if not item.link and (item.low < low or item.high > high):
            raise BadParameter(f"limits[{name!r}]", (item.low, item.high), limit, advice)
        if item.free and low == high:
            raise BadParameter(name, "free", limit, f"Leave {name} frozen.")


def _outside_text(low: float, high: float) -> str:
    return f"at any other value than {low:g}" if low == high else f"outside {low:g} to {high:g}"
