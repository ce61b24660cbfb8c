"""The user's choices for parameters: start values, limits, links, free and frozen ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.fitting.models.arithmetic import read_formula, renamed
from oda_widgets.fitting.models.expression import Tree, components
from oda_widgets.fitting.models.parameters import Parameters, checked_value, labels, parameters_of
from oda_widgets.fitting.models.scales import leading_constants, scales_inside_flux_models
from oda_widgets.request.arguments import listed, pair

_MOST_NAMES = 10_000

Names = Collection[str] | Mapping[str, float]


@dataclass(frozen=True)
class Choices:
    """Choices of the user for parameters; each field is an argument of `oda_widgets.fit`."""

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
    if isinstance(choices.free, Mapping) and choices.free:
        advice = 'Write free=["norm"], and its value in start={"norm": ...}.'
        raise BadParameter("free", choices.free, "not a list of names", advice)
    _check_contradictions(parameters, choices)
    for name in _list_names("free", choices.free):
        parameters = parameters.changed(name, frozen=False, link="")
    names = parameters
    for name, formula in _check_mapping("links", choices.links).items():
        link = renamed(_check_formula(names, name, formula), lambda word: names[word].full_name)
        parameters = parameters.changed(name, link=link, frozen=False)
    for name, ends in _check_mapping("limits", choices.limits).items():
        low, high = _check_limits(name, ends)
        parameters = parameters.changed(name, low=low, high=high)
    for name in choices.links or ():
        _check_constant(parameters, name)
    for name in _list_names("freeze", choices.freeze):
        parameters = parameters.changed(name, frozen=True, link="")
    frozen = choices.freeze if isinstance(choices.freeze, Mapping) else {}
    for name, value in {**_check_mapping("start", choices.start), **frozen}.items():
        parameters = parameters.changed(name, value=_check_value(parameters, name, value))
    return parameters.inside_limits()


def _check_contradictions(parameters: Parameters, choices: Choices) -> None:
    """Refuse one parameter under two names, and two choices of which one would be ignored."""
    valued = ("start", "limits", "links")
    chosen = {name: list(_check_mapping(name, getattr(choices, name))) for name in valued}
    chosen |= {name: _list_names(name, getattr(choices, name)) for name in ("freeze", "free")}
    meant = {name: _by_place(parameters, name, words) for name, words in chosen.items()}
    contradictions = [("freeze", "free"), ("freeze", "links"), ("start", "links")]
    if isinstance(choices.freeze, Mapping):
        contradictions.append(("start", "freeze"))
    for choice, other in contradictions:
        for place in meant[choice].keys() & meant[other].keys():
            limit = f"{other} has this parameter too"
            advice = "Write it in one of them."
            raise BadParameter(choice, meant[choice][place], limit, advice)


def _by_place(parameters: Parameters, choice: str, words: list[str]) -> dict[int, str]:
    """Return the names that a choice uses, each by the place of its parameter in the model."""
    found: dict[int, str] = {}
    for word in words:
        earlier = found.setdefault(parameters.index(word), word)
        if earlier != word:
            limit = f"{earlier} and {word} are one parameter"
            raise BadParameter(choice, [earlier, word], limit, "Write one of them.")
    return found


def _list_names(parameter: str, names: Any) -> list[str]:
    """Return names of parameters, given as one name or several."""
    if names is None or isinstance(names, str):
        return [] if names is None else [names]
    return listed(parameter, names, _MOST_NAMES)


def _check_mapping(parameter: str, values: Any) -> Mapping[str, Any]:
    """Return values by name of the parameter."""
    if not isinstance(values, Mapping | None):
        advice = f'Write for example {parameter}={{"norm": ...}}.'
        raise BadParameter(parameter, values, "not a dictionary of names and values", advice)
    return values or {}


def _check_formula(parameters: Parameters, name: str, formula: Any) -> str:
    """Check the formula of a link, and return it as text."""
    if type(formula) is bool or not isinstance(formula, str | Real):
        advice = 'Write for example links={"norm": "2 * 2:norm"}.'
        raise BadParameter(f"links[{name!r}]", formula, "not a formula", advice)
    read_formula(str(formula), parameters.index)
    return str(formula)


def _check_constant(parameters: Parameters, name: str) -> None:
    """Refuse a link to a number, which no fit changes, outside the limits of its parameter."""
    item = parameters[name]
    formula, used = read_formula(item.link, parameters.index)
    if not used:
        checked_value(name, formula(()), item.low, item.high)


def _check_limits(name: str, given: Any) -> tuple[float, float]:
    ends = pair(f"limits[{name!r}]", given, "not a pair of numbers", "Write (low, high).")
    try:
        low, high = (float(edge) for edge in ends)
    except (TypeError, ValueError, OverflowError):
        limit = "not a pair of numbers"
        raise BadParameter(f"limits[{name!r}]", given, limit, "Write (low, high).") from None
    if not low < high:
        limit = "the lower limit must be below the upper one"
        raise BadParameter(f"limits[{name!r}]", given, limit, "Write (low, high).")
    return low, high


def _check_value(parameters: Parameters, name: str, value: Any) -> float:
    item = parameters[name]
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise BadParameter(name, value, "not a number", "Give a number.") from None
    return checked_value(name, number, item.low, item.high)
