"""The Python reference: a table of names for each purpose, and a page for each name."""

from __future__ import annotations

import inspect
import pydoc
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import FunctionType
from typing import Any

from sphinx.application import Sphinx
from written import write_folder

import oda_widgets
from oda_widgets import errors

PACKAGE = oda_widgets.__name__


@dataclass(frozen=True)
class Section:
    """Names that serve one purpose.

    Parameters
    ----------
    title
        The purpose, as the reader would put it.
    text
        One or two sentences in reStructuredText.
    names
        Public names, or dotted names inside the package for the values that calls return or take.
    """

    title: str
    text: str
    names: tuple[str, ...]

    @property
    def full_names(self) -> list[str]:
        """The names with their modules."""
        return [f"{PACKAGE}.{name}" for name in self.names]


SECTIONS = (
    Section(
        "Connect",
        "`connect` returns a `Site`, whose methods make all products.",
        ("connect", "Site"),
    ),
    Section(
        "Read products and files",
        "Products come from the methods of `Site`, or from files of any origin.",
        (
            "SkyImage",
            "Spectrum",
            "LightCurve",
            "Response",
            "open",
            "products.by_source.BySource",
            "products.observation.Observation",
            "products.observation.SkippedWindow",
        ),
    ),
    Section(
        "Select sources",
        "Every image has a catalogue; spectra and light curves are made of the sources of one.",
        (
            "SourceCatalog",
            "CatalogSource",
            "read_catalog",
            "write_catalog",
            "request.source.Source",
        ),
    ),
    Section(
        "Select science windows, times and energies",
        "`Site.science_windows` returns a list of windows. Times and bands may be given as text, "
        "numbers or astropy values wherever they are taken.",
        (
            "request.science_windows.ScienceWindowList",
            "request.science_windows.ScienceWindow",
            "request.timespan.TimeInterval",
            "request.timespan.to_ijd",
            "request.energy.EnergyBand",
        ),
    ),
    Section(
        "Submit queries without waiting",
        "`Site.submit` takes a query and returns a job at once; `Site.plan` previews its cost.",
        (
            "ImageQuery",
            "SpectrumQuery",
            "LightCurveQuery",
            "Job",
            "backend.job.Progress",
            "analysis.plan.Plan",
        ),
    ),
    Section(
        "Fit spectra",
        "`fit` and `Spectrum.fit` take models in XSPEC's notation. The :doc:`guide </fitting>` "
        "has models, statistics and chains.",
        (
            "fit",
            "fakeit",
            "trend",
            "fitting.result.Fit",
            "fitting.models.parameters.Parameters",
            "fitting.models.parameters.Parameter",
            "fitting.errors.profile.Errors",
            "fitting.errors.profile.Interval",
            "fitting.errors.contour.Contour",
            "fitting.flux.Flux",
            "fitting.chains.chain.Chain",
        ),
    ),
    Section(
        "Follow the history of a product",
        "``image.provenance``, and that of all other products; see the "
        ":doc:`guide </history>`.",
        ("provenance.record.Provenance",),
    ),
    Section(
        "Show the web app in a notebook",
        "The page that ``oda-widgets app`` opens.",
        ("Workbench",),
    ),
    Section(
        "Handle errors",
        "Errors are kinds of `OdaError`, with a ``problem`` and an ``advice``; the last names of "
        "the table are warnings. :doc:`errors` shows the tree.",
        (
            "OdaError",
            *(f"errors.{name}" for name, kind in vars(errors).items()
              if inspect.isclass(kind) and kind is not errors.OdaError),
        ),
    ),
)  # fmt: skip


def modules() -> list[str]:
    """Return the modules whose names have an entry in the reference, the package first."""
    names = [name.rpartition(".")[0] for section in SECTIONS for name in section.full_names]
    return list(dict.fromkeys(names))


def pages() -> dict[str, str]:
    """Return the pages of the reference by the names of their files.

    A file has the full name: `oda_widgets.fit` and the class `Fit` would be one file where upper
    and lower case are the same.
    """
    own = [name for section in SECTIONS for name in section.full_names if not _is_error(name)]
    texts = {**{name: _page(name) for name in own}, "errors": _errors()}
    return {f"{name}.rst": text for name, text in {"index": _index(texts), **texts}.items()}


def _is_error(name: str) -> bool:
    """Tell whether a name stands on the page of the errors."""
    return name.startswith(f"{PACKAGE}.errors.")


def _index(entries: Iterable[str]) -> str:
    lines = [
        *_heading("Python reference", "="),
        "``import oda_widgets as oda`` gives the names of the package, as in ``oda.connect``. They",
        "keep their meaning within a minor version. The others, such as `BySource`, are types of",
        "values that calls return or take.",
        "",
    ]
    for section in SECTIONS:
        lines += [*_heading(section.title, "-"), section.text, "", *_table(section.full_names)]
    lines += [".. toctree::", "   :hidden:", "", *(f"   {entry}" for entry in entries), ""]
    return "\n".join(lines)


def _errors() -> str:
    lines = [
        *_heading("Errors", "="),
        f".. automodule:: {errors.__name__}",
        "   :members:",
        "   :member-order: bysource",
        "   :exclude-members: OdaError, shorten",
        "",
    ]
    return "\n".join(lines)


def _page(name: str) -> str:
    """Return the page of a class or a function."""
    module, _, short = name.rpartition(".")
    value: Any = pydoc.locate(name)
    lines = [*_heading(short, "="), f".. currentmodule:: {module}", ""]
    if not inspect.isclass(value):
        return "\n".join([*lines, f".. autofunction:: {short}", ""])
    lines += [f".. autoclass:: {short}", ""]
    methods = [f"{short}.{name}" for name in _members(value, _METHODS)]
    if methods:
        lines += [*_heading("Methods", "-"), *_table(methods), *_entries("automethod", methods)]
    attributes = [f"{short}.{name}" for name in _members(value, _PROPERTIES)]
    if attributes:
        lines += [*_heading("Attributes", "-"), *_entries("autoattribute", attributes)]
    return "\n".join(lines)


_METHODS = (FunctionType, classmethod, staticmethod)
_PROPERTIES = (property, cached_property)


def _members(kind: type, types: tuple[type, ...]) -> list[str]:
    """Return the public members that the package gives a class, in the order of its source.

    Fields are left out: the parameters of the class say what they mean.
    """
    ours = [base for base in kind.__mro__ if base.__module__.split(".")[0] == PACKAGE]
    members = {name: value for base in ours for name, value in vars(base).items()}
    return [
        name
        for name, value in members.items()
        if isinstance(value, types) and not name.startswith("_")
    ]


def _entries(directive: str, names: Iterable[str]) -> list[str]:
    """Return the full text of members."""
    return [line for name in names for line in (f".. {directive}:: {name}", "")]


def _table(names: Iterable[str]) -> list[str]:
    """Return a table of names, each with the first line of its text."""
    entries = (f"   ~{name}" for name in names)
    return [".. autosummary::", "   :nosignatures:", "", *entries, ""]


def _heading(title: str, line: str) -> list[str]:
    return [title, line * len(title), ""]


def write_reference(_: Sphinx) -> None:
    """Write the pages into the folder of the site."""
    write_folder(Path(__file__).parents[1] / "api", pages())


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the reference before Sphinx looks for it."""
    app.connect("builder-inited", write_reference)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
