"""The parameters of a fit: all of them, in XSPEC's order, found by name or number.

A unique name stands alone ("PhoIndex"); otherwise its model precedes it
("bbodyrad.norm"), numbered if the model occurs twice ("powerlaw#2.norm"). Parameters of the
second and further spectra carry the number of the spectrum: "2:factor".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from html import escape
from math import isfinite, nan

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter, NoSuchName, shorten
from oda_widgets.fitting.models.definitions import ParameterDefinition
from oda_widgets.fitting.models.expression import ModelComponent
from oda_widgets.request.arguments import array_of
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.numbers import whole_number
from oda_widgets.request.words import in_words, with_error

_MOST_DIGITS = 9  # of the number of a parameter
_LONGEST_NAME = 200  # characters
# Other names of parameters, in papers and in sherpa.
_ALIASES = {
    "gamma": "phoindex",
    "\N{GREEK SMALL LETTER GAMMA}": "phoindex",
    "photonindex": "phoindex",
    "ampl": "norm",
    "normalization": "norm",
    "normalisation": "norm",
}


@dataclass(frozen=True, repr=False)
class Parameter:
    """One parameter.

    Parameters
    ----------
    model
        Label of the model: "powerlaw", or "powerlaw#2" for the second.
    name, unit
        As in XSPEC.
    spectrum
        Number of the spectrum that it belongs to, from 1.
    value
        Current value, in `unit`.
    low, high
        Limits of the value.
    frozen
        Whether the value is fixed in fits.
    link
        Formula of other parameters that gives the value; empty without a link.
    sigma
        1 sigma from the covariance, NaN where unknown; see `Fit.errors` for errors by profile.
    step
        A small change of the value, for numerical derivatives.
    """

    model: str
    name: str
    unit: str
    spectrum: int
    value: float
    low: float
    high: float
    frozen: bool = False
    link: str = ""
    sigma: float = nan
    step: float = 0.01

    def __float__(self) -> float:
        return self.value

    def __repr__(self) -> str:
        limits = f"limits {in_words(self.low)} to {in_words(self.high)}"
        value = f"{_value_and_state(self)} {self.unit}".strip()
        return f"{self.full_name} = {value} ({limits})"

    @property
    def free(self) -> bool:
        """Whether a fit changes the value."""
        return not self.frozen and not self.link

    @property
    def full_name(self) -> str:
        """Name with spectrum and model, unique in any fit: "2:compTT.norm"."""
        group = f"{self.spectrum}:" if self.spectrum > 1 else ""
        return f"{group}{self.model}.{self.name}"


@suggesting_class
class Parameters(Mapping[str, Parameter]):
    """All parameters of a fit, by short name; full names and numbers (from 1) work too.

    Case does not matter, and "Gamma" is "PhoIndex".
    """

    def __init__(self, items: Sequence[Parameter]) -> None:
        self._items = tuple(items)
        self._names = _short_names(self._items)
        self._places = {name: place for place, name in enumerate(self._names)}

    def __getitem__(self, name: str | int) -> Parameter:
        return self._items[self.index(name)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return ", ".join(f"{name} = {_value_and_state(item)}" for name, item in self.items())

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(name)}</td><td>{escape(_value_and_state(item))}</td>"
            f"<td>{escape(item.unit)}</td>"
            f"<td>{in_words(item.low)} to {in_words(item.high)}</td></tr>"
            for name, item in self.items()
        )
        head = "<tr><th>parameter</th><th>value (1 sigma from covariance)</th><th>unit</th>"
        return f"<table>{head}<th>limits</th></tr>{rows}</table>"

    def __contains__(self, name: object) -> bool:
        try:
            self.index(name)  # type: ignore[arg-type]  # index() refuses other types
        except BadParameter:
            return False
        return True

    @property
    def free(self) -> tuple[str, ...]:
        """Short names of the free parameters."""
        return tuple(n for n, item in zip(self._names, self._items, strict=True) if item.free)

    def name(self, index: int) -> str:
        """Return the short name of a parameter by its index from 0.

        Raises
        ------
        BadParameter
            If there is none with this index.
        """
        return self._names[whole_number("index", index, 0, len(self._names) - 1)]

    def index(self, name: str | int) -> int:
        """Return the index, from 0, of a parameter.

        Raises
        ------
        NoSuchName
            If no parameter has that name, or more than one has.
        """
        number = _parse_number(name)
        if number is not None:
            if 1 <= number <= len(self._items):
                return number - 1
            limit = f"the parameters are numbered 1 to {len(self._items)}"
            raise NoSuchName("parameter", name, limit, "Choose one of them.")
        text = name[:_LONGEST_NAME] if isinstance(name, str) else shorten(name)
        if text in self._places:
            return self._places[text]
        full_names = tuple(item.full_name for item in self._items)
        for wanted in (text.casefold(), _plain_name(text)):
            for names in (self._names, full_names):
                places = [i for i, known in enumerate(names) if known.casefold() == wanted]
                if len(places) == 1:
                    return places[0]
        raise self._unknown(text)

    def changed(self, name: str | int, **values: object) -> Parameters:
        """Return the parameters with one of them changed."""
        items = list(self._items)
        index = self.index(name)
        items[index] = replace(items[index], **values)  # type: ignore[arg-type]  # by our callers
        return Parameters(items)

    def with_values(self, values: Floats, sigmas: Floats) -> Parameters:
        """Return the parameters with new values and errors, one each.

        Raises
        ------
        BadParameter
            If they are not as many numbers as there are parameters.
        """
        for name, numbers in (("values", values), ("sigmas", sigmas)):
            given = array_of(name, numbers, len(self._items))
            plain = given.dtype.kind in "iuf" and getattr(numbers, "unit", None) is None
            if given.shape != (len(self._items),) or not plain:
                limit = f"not {len(self._items)} numbers"
                raise BadParameter(name, numbers, limit, "Give one for each parameter.")
        columns = zip(self._items, values, sigmas, strict=True)
        return Parameters([replace(p, value=float(v), sigma=float(s)) for p, v, s in columns])

    def inside_limits(self) -> Parameters:
        """Return the parameters with the values of free ones moved inside their limits."""
        return Parameters([_moved_inside(item) if item.free else item for item in self._items])

    def plain(self) -> Parameters:
        """Return the parameters without errors, which do not define a fit."""
        return Parameters([replace(item, sigma=nan) for item in self._items])

    def _unknown(self, name: str) -> NoSuchName:
        ending = f".{_plain_name(name)}"
        several = [n for n in self._names if n.casefold().endswith(ending)]
        if several:
            advice = f"Write {' or '.join(several)}."
            return NoSuchName("parameter", name, "several have this name", advice)
        near = get_close_matches(name, self._names, n=1, cutoff=0.4)
        advice = f"There are: {', '.join(self._names)}."
        advice = f"Did you mean {near[0]}? {advice}" if near else advice
        return NoSuchName("parameter", name, "the model has no such parameter", advice)


def parameters_of(parts: Sequence[ModelComponent], n_spectra: int) -> Parameters:
    """Return the parameters of a model at their defaults.

    Those of the second and further spectra are linked to those of the first.
    """
    names = labels(parts)
    items = [
        _at_default(definition, label, spectrum)
        for spectrum in range(1, n_spectra + 1)
        for label, part in zip(names, parts, strict=True)
        for definition in part.model.parameters
    ]
    return Parameters(items)


def labels(parts: Sequence[ModelComponent]) -> tuple[str, ...]:
    """Return a unique name for each component: "powerlaw", then "powerlaw#2"."""
    names: list[str] = []
    for part in parts:
        before = sum(other.model.name == part.model.name for other in parts[: len(names)])
        names.append(part.model.name if not before else f"{part.model.name}#{before + 1}")
    return tuple(names)


def checked_value(name: str, value: float, low: float, high: float) -> float:
    """Check that a value is a number within limits, and return it.

    Raises
    ------
    BadParameter
        If it is not.
    """
    if not isfinite(value):
        raise BadParameter(name, value, "not a finite number", f"Write {low:g} to {high:g}.")
    if not low <= value <= high:
        limit = f"its limits are {in_words(low)} and {in_words(high)}"
        advice = f'Stay within them, or move them with limits={{"{name}": (low, high)}}.'
        raise BadParameter(name, value, limit, advice)
    return float(value)


def _at_default(definition: ParameterDefinition, model: str, spectrum: int) -> Parameter:
    return Parameter(
        model=model,
        name=definition.name,
        unit=definition.unit,
        spectrum=spectrum,
        value=definition.value,
        low=definition.hard_low,
        high=definition.hard_high,
        frozen=definition.frozen,
        link=f"{model}.{definition.name}" if spectrum > 1 else "",
        step=abs(definition.step),
    )


def _moved_inside(item: Parameter) -> Parameter:
    return replace(item, value=min(max(item.value, item.low), item.high))


def _value_and_state(item: Parameter) -> str:
    """Return the value of a parameter with its error, or why it has none."""
    if item.free and isfinite(item.sigma) and item.sigma > 0:
        return with_error(item.value, item.sigma)
    state = f" (= {item.link})" if item.link else " (frozen)" if item.frozen else ""
    return f"{value_text(item)}{state}"


def value_text(item: Parameter) -> str:
    """Return the value of a parameter without an error, to five digits."""
    return in_words(float(f"{item.value:.5g}"))


def _short_names(items: Sequence[Parameter]) -> tuple[str, ...]:
    bare = [f"{p.spectrum}:{p.name}" if p.spectrum > 1 else p.name for p in items]
    return tuple(
        name if bare.count(name) == 1 else item.full_name
        for name, item in zip(bare, items, strict=True)
    )


def _plain_name(name: str) -> str:
    """Return a name in small letters, with the last part as XSPEC calls it."""
    model, dot, last = name.casefold().rpartition(".")
    plain = last.replace("_", "").replace(" ", "")
    return f"{model}{dot}{_ALIASES.get(plain, last)}"


def _parse_number(name: str | int) -> int | None:
    if isinstance(name, int) and not isinstance(name, bool):
        return name
    text = name if isinstance(name, str) else ""
    digits = text[1:] if text[:1] in "pP" else text
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS
    return int(digits) if is_number else None
