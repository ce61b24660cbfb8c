"""The models that can be used: parameters, limits, and how their values were checked.

XSPEC's library has 311 models; without further data files many of them return zeros or crash the
process (`xspectrampoline` ships none of the files). Only models that were tried are offered.
nthComp is left out: its values depend on the calls before. The redshift of compPS is fixed at 0:
if it changes between two grids, it corrupts memory.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Kind = Literal["add", "mul", "con"]

# Groups of the menu: models, and the reference that each was checked against.
GROUPS: dict[str, dict[str, str]] = {
    "Power laws": {
        "powerlaw": "integral in closed form",
        "cutoffpl": "numerical integral of its formula",
        "bknpower": "integral in closed form",
        "bkn2pow": "integral in closed form",
        "pegpwrlw": "integral in closed form",
        "grbm": "numerical integral of Band's formula",
    },
    "Thermal": {
        "bbody": "numerical integral of Planck's law",
        "bbodyrad": "numerical integral of Planck's law",
        "diskbb": "numerical integral over the disc (Mitsuda et al. 1984)",
        "bremss": "slope at high energy only",
    },
    "Comptonised": {
        "compTT": "slope at high energy only (Kompaneets)",
        "compbb": "not checked: no independent formula",
        "compPS": "not checked: no independent formula",
    },
    "Lines": {"gaussian": "normal distribution"},
    "Factors": {
        "constant": "exact",
        "highecut": "its formula",
        "expabs": "its formula",
        "wabs": "formula of Morrison & McCammon (1983)",
        "phabs": "known to follow Morrison & McCammon (1983) within some per cent below 7 keV",
        "TBabs": "cross section follows the chosen abundances; values not checked",
    },
    "Fluxes": {
        "cflux": "numerical integral",
        "cpflux": "numerical integral",
    },
}


# Units of norms, which model.dat lacks; those of other models have no common name.
NORM_UNITS: dict[str, str] = {
    **dict.fromkeys(("powerlaw", "cutoffpl", "bknpower", "bkn2pow"), "photons/keV/cm²/s at 1 keV"),
    "grbm": "photons/keV/cm²/s at 100 keV",
    "pegpwrlw": "1e-12 erg/cm²/s",
    "gaussian": "photons/cm²/s",
    "bbody": "1e39 erg/s at 10 kpc",
    "bbodyrad": "km2 at 10 kpc",
    "diskbb": "km2 at 10 kpc",
}


@dataclass(frozen=True)
class ParameterDefinition:
    """A parameter of a model as ``model.dat`` describes it.

    Parameters
    ----------
    name, unit
        As in XSPEC.
    value
        Default.
    hard_low, soft_low, soft_high, hard_high
        Limits; a fit moves within the hard ones.
    step
        A small change; negative when the parameter is frozen by default.
    """

    name: str
    unit: str
    value: float
    hard_low: float
    soft_low: float
    soft_high: float
    hard_high: float
    step: float

    @property
    def frozen(self) -> bool:
        """Whether the parameter is frozen by default."""
        return self.step < 0


NORM = ParameterDefinition("norm", "", 1.0, 0.0, 0.0, 1e20, 1e24, 0.01)


@dataclass(frozen=True)
class ModelDefinition:
    """A model of XSPEC.

    Parameters
    ----------
    name
        As in XSPEC.
    kind
        "add" (a spectrum), "mul" (a factor) or "con" (changes a spectrum as a whole).
    symbol
        Name of the function in XSPEC's library, as in ``model.dat``.
    parameters
        In XSPEC's order; the last one of a spectrum is ``norm``.
    """

    name: str
    kind: Kind
    symbol: str
    parameters: tuple[ParameterDefinition, ...]

    @property
    def group(self) -> str:
        """Group of the menu."""
        return next(group for group, members in GROUPS.items() if self.name in members)

    @property
    def checked(self) -> str:
        """Reference that the values were checked against."""
        return GROUPS[self.group][self.name]


@cache
def definitions() -> dict[str, ModelDefinition]:
    """Return all models that are offered, by name."""
    text = (files("oda_widgets.fitting") / "data" / "models.dat").read_text(encoding="ascii")
    return {definition.name: definition for definition in _parsed(text)}


def _parsed(text: str) -> Iterator[ModelDefinition]:
    for block in text.strip().split("\n\n"):
        head, *lines = [line for line in block.splitlines() if line.strip()]
        name, _number, _low, _high, symbol, kind, *_flags = head.split()
        parameters = [_parameter(line) for line in lines]
        if kind == "add":
            parameters.append(NORM)
        yield ModelDefinition(name, _KINDS[kind], symbol, tuple(parameters))


_KINDS: dict[str, Kind] = {"add": "add", "mul": "mul", "con": "con"}


def _parameter(line: str) -> ParameterDefinition:
    name, unit, *numbers = shlex.split(line)
    value, hard_low, soft_low, soft_high, hard_high, step = (float(number) for number in numbers)
    return ParameterDefinition(
        name, unit.strip(), value, hard_low, soft_low, soft_high, hard_high, step
    )
