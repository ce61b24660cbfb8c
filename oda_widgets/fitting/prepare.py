"""From what the user writes to what is fitted: channels, parameters, limits, links."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.fitting.dataset import Dataset, dataset, per_spectrum
from oda_widgets.fitting.models.arithmetic import renamed
from oda_widgets.fitting.models.expression import Tree, components, parse
from oda_widgets.fitting.models.parameters import Parameters, checked_value, labels, parameters_of
from oda_widgets.fitting.models.scales import leading_constants, scales_inside_flux_models
from oda_widgets.fitting.problem import Recipe
from oda_widgets.fitting.statistics import STATISTICS
from oda_widgets.fitting.xspec.xcm import read_xcm
from oda_widgets.products.spectrum import Spectrum

Names = Collection[str] | Mapping[str, float]


@dataclass(frozen=True)
class Choices:
    """What the user chose for parameters; see `oda_widgets.fit`."""

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
    if str(model).lower().endswith(".xcm"):
        return _from_file(listed, str(model), energy, systematic, statistic, choices)
    tree = parse(model)
    statistic = statistic or "chi2"
    datasets = _datasets(listed, energy, systematic, counting=statistic != "chi2")
    parameters = with_choices(default_parameters(tree, len(listed)), choices)
    return Recipe(datasets, str(tree), parameters, statistic)


def _from_file(
    spectra: list[Spectrum],
    path: str,
    energy: Any,
    systematic: Any,
    statistic: str | None,
    choices: Choices,
) -> Recipe:
    """Return what a command file of XSPEC would have fitted."""
    read = read_xcm(path, len(spectra))
    statistic = statistic or read.statistic
    datasets = _datasets(spectra, energy, systematic, counting=statistic != "chi2")
    parameters = with_choices(read.parameters, choices)
    return Recipe(datasets, read.model, parameters, statistic, read.notes)


def spectra_of(value: Any) -> list[Spectrum]:
    """Return one or several spectra as a list.

    Raises
    ------
    BadParameter
        If there is none, or something else among them.
    """
    advice = "Give Spectrum objects, for example from Spectrum.read(...)."
    if not isinstance(value, Spectrum | Iterable):
        raise BadParameter("spectra", value, "not a spectrum", advice)
    listed = [value] if isinstance(value, Spectrum) else list(value)
    if not listed:
        raise BadParameter("spectra", value, "there is none", advice)
    for item in listed:
        if not isinstance(item, Spectrum):
            raise BadParameter("spectra", item, "not a spectrum", advice)
    return listed


def default_parameters(tree: Tree, n_spectra: int) -> Parameters:
    """Return the parameters of a model for some spectra, with factors between spectra free."""
    parts = list(components(tree))
    names = labels(parts)
    parameters = parameters_of(parts, n_spectra)
    for scale in scales_inside_flux_models(tree):
        index = parameters.index(f"{names[scale.number]}.{scale.name}")
        parameters = parameters.changed(index, frozen=True)
    for number in leading_constants(tree):
        name = f"{names[number]}.factor"
        parameters = _frozen(parameters, name, 1.0)
        if number == leading_constants(tree)[0]:
            for spectrum in range(2, n_spectra + 1):
                index = parameters.index(f"{spectrum}:{name}")
                parameters = parameters.changed(index, link="", value=1.0)
    return parameters


def with_choices(parameters: Parameters, choices: Choices) -> Parameters:
    """Return parameters as the user wants them."""
    for name in _listed("free", choices.free):
        parameters = parameters.changed(parameters.index(name), frozen=False, link="")
    names = parameters
    for name, formula in _named("links", choices.links).items():
        link = renamed(str(formula), lambda word: names[word].full_name)
        parameters = parameters.changed(parameters.index(name), link=link, frozen=False)
    for name, pair in _named("limits", choices.limits).items():
        parameters = _limited(parameters, name, pair)
    for name in _listed("freeze", choices.freeze):
        parameters = parameters.changed(parameters.index(name), frozen=True, link="")
    frozen = choices.freeze if isinstance(choices.freeze, Mapping) else {}
    for name, value in {**_named("start", choices.start), **frozen}.items():
        parameters = _with_value(parameters, name, value)
    return _inside_limits(parameters)


def _listed(parameter: str, names: Any) -> list[str]:
    """Return names of parameters; one may stand alone."""
    if not isinstance(names, Iterable | None):
        advice = f'Write for example {parameter}=["norm"].'
        raise BadParameter(parameter, names, "not a list of parameters", advice)
    return [names] if isinstance(names, str) else list(names or ())


def _named(parameter: str, values: Any) -> Mapping[str, Any]:
    """Return what is given for some parameters."""
    if not isinstance(values, Mapping | None):
        advice = f'Write for example {parameter}={{"norm": ...}}.'
        raise BadParameter(parameter, values, "not a value for each of some names", advice)
    return values or {}


def _datasets(
    spectra: list[Spectrum], energy: Any, systematic: Any, *, counting: bool
) -> tuple[Dataset, ...]:
    ranges = per_spectrum("energy", energy, len(spectra))
    fractions = per_spectrum("systematic", systematic, len(spectra))
    columns = zip(spectra, ranges, fractions, strict=True)
    return tuple(
        dataset(spectrum, band, fraction, number, counting=counting)
        for number, (spectrum, band, fraction) in enumerate(columns, 1)
    )


def _frozen(parameters: Parameters, name: str, value: float) -> Parameters:
    return parameters.changed(parameters.index(name), frozen=True, value=value)


def _limited(parameters: Parameters, name: str, pair: tuple[float, float]) -> Parameters:
    index = parameters.index(name)
    try:
        low, high = (float(edge) for edge in pair)
    except (TypeError, ValueError):
        limit = "not a pair of numbers"
        raise BadParameter(f"limits[{name!r}]", pair, limit, "Write (low, high).") from None
    if not low < high:
        limit = "the lower limit must be below the upper one"
        raise BadParameter(f"limits[{name!r}]", pair, limit, "Write (low, high).")
    return parameters.changed(index, low=low, high=high)


def _with_value(parameters: Parameters, name: str, value: float) -> Parameters:
    index = parameters.index(name)
    item = parameters[name]
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise BadParameter(name, value, "not a number", "Give a number.") from None
    return parameters.changed(index, value=checked_value(name, number, item.low, item.high))


def _inside_limits(parameters: Parameters) -> Parameters:
    """Return parameters whose free values are inside limits that were moved."""
    for index, item in enumerate(parameters.values()):
        if item.free and not item.low <= item.value <= item.high:
            value = min(max(item.value, item.low), item.high)
            parameters = parameters.changed(index, value=value)
    return parameters
