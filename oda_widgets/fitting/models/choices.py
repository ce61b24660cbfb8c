"""The user's choices for parameters: start values, limits, links, and which of them are fitted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.fitting.models.arithmetic import renamed
from oda_widgets.fitting.models.expression import Tree, components
from oda_widgets.fitting.models.parameters import Parameters, checked_value, labels, parameters_of
from oda_widgets.fitting.models.scales import leading_constants, scales_inside_flux_models

Names = Collection[str] | Mapping[str, float]


@dataclass(frozen=True)
class Choices:
    """What the user chose for the parameters; each field is an argument of `oda_widgets.fit`."""

    start: Mapping[str, float] | None = None
    freeze: Names = ()
    free: Collection[str] = ()
    limits: Mapping[str, tuple[float, float]] | None = None
    links: Mapping[str, str] | None = None

    @property
    def given(self) -> set[str]:
        """Names of the parameters with chosen values."""
        frozen = set(self.freeze) if isinstance(self.freeze, Mapping) else set()
        return set(self.start or ()) | frozen


NO_CHOICES = Choices()


def default_parameters(tree: Tree, n_spectra: int) -> Parameters:
    """Return the parameters of a model for several spectra, with the factors between them free.

    Parameters
    ----------
    tree
        The model.
    n_spectra
        Number of spectra; all but the first share the parameters of the first.
    """
    parts = list(components(tree))
    names = labels(parts)
    parameters = parameters_of(parts, n_spectra)
    for scale in scales_inside_flux_models(tree):
        parameters = parameters.changed(f"{names[scale.number]}.{scale.name}", frozen=True)
    factors = [f"{names[number]}.factor" for number in leading_constants(tree)]
    for name in factors:
        parameters = parameters.changed(name, frozen=True, value=1.0)
    for name in factors[:1]:
        for spectrum in range(2, n_spectra + 1):
            parameters = parameters.changed(f"{spectrum}:{name}", link="", value=1.0)
    return parameters


def with_choices(parameters: Parameters, choices: Choices) -> Parameters:
    """Return parameters with the user's choices applied.

    Raises
    ------
    BadParameter
        If a name, a value, a limit or a link cannot be accepted.
    """
    for name in _listed("free", choices.free):
        parameters = parameters.changed(name, frozen=False, link="")
    names = parameters
    for name, formula in _named("links", choices.links).items():
        link = renamed(str(formula), lambda word: names[word].full_name)
        parameters = parameters.changed(name, link=link, frozen=False)
    for name, pair in _named("limits", choices.limits).items():
        low, high = _limits(name, pair)
        parameters = parameters.changed(name, low=low, high=high)
    for name in _listed("freeze", choices.freeze):
        parameters = parameters.changed(name, frozen=True, link="")
    frozen = choices.freeze if isinstance(choices.freeze, Mapping) else {}
    for name, value in {**_named("start", choices.start), **frozen}.items():
        parameters = parameters.changed(name, value=_value(parameters, name, value))
    return parameters.inside_limits()


def _listed(parameter: str, names: Any) -> list[str]:
    """Return names of parameters; one may stand alone."""
    if not isinstance(names, Iterable | None):
        advice = f'Write for example {parameter}=["norm"].'
        raise BadParameter(parameter, names, "not a list of parameters", advice)
    return [names] if isinstance(names, str) else list(names or ())


def _named(parameter: str, values: Any) -> Mapping[str, Any]:
    """Return values by name of the parameter."""
    if not isinstance(values, Mapping | None):
        advice = f'Write for example {parameter}={{"norm": ...}}.'
        raise BadParameter(parameter, values, "not a dictionary of names and values", advice)
    return values or {}


def _limits(name: str, pair: Any) -> tuple[float, float]:
    try:
        low, high = (float(edge) for edge in pair)
    except (TypeError, ValueError, OverflowError):
        limit = "not a pair of numbers"
        raise BadParameter(f"limits[{name!r}]", pair, limit, "Write (low, high).") from None
    if not low < high:
        limit = "the lower limit must be below the upper one"
        raise BadParameter(f"limits[{name!r}]", pair, limit, "Write (low, high).")
    return low, high


def _value(parameters: Parameters, name: str, value: Any) -> float:
    item = parameters[name]
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise BadParameter(name, value, "not a number", "Give a number.") from None
    return checked_value(name, number, item.low, item.high)
