"""The fit on show, for the notebook and the zip of a session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from oda_widgets.fitting.result import Fit
from oda_widgets.panels.fit_measures import CONTOUR_POINTS, LIMIT_LEVEL
from oda_widgets.panels.fit_panel import FitPanel

_FILES = ("csv", "tex", "xcm", "pdf", "svg")


@dataclass(frozen=True)
class ExportedFit:
    """A fit and the measurements made from it.

    Parameters
    ----------
    fit
        The fit.
    measured
        Python of each measurement, such as ``fit.flux(20, 100, unit='erg')``.
    found
        The results of these measurements, in words.
    """

    fit: Fit
    measured: tuple[str, ...]
    found: tuple[str, ...]

    @property
    def title(self) -> str:
        """The names of the sources, and the model."""
        names = dict.fromkeys(data.spectrum.name for data in self.fit.datasets)
        return f"Fit of {', '.join(names)} · {self.fit.model}"

    def cells(self) -> tuple[str, ...]:
        """Return the cells of a notebook: the Python of the fit, then of each measurement."""
        # The picture stays when the notebook is saved.
        return (f"{self.fit.code().rstrip()}\nfit  # fit.plot() is interactive", *self.measured)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Iterate over names and contents: table, model for XSPEC, figures, code, provenance."""
        with TemporaryDirectory() as folder:
            for suffix in _FILES:
                path = Path(folder) / f"fit.{suffix}"
                self.fit.save(path)
                yield path.name, path.read_bytes()
        if self.found:
            yield "measured.txt", "".join(f"{text}\n" for text in self.found).encode()
        measured = "".join(f"print({text})\n" for text in self.measured)
        yield "repeat.py", f"{self.fit.code().rstrip()}\nprint(fit)\n{measured}".encode()
        yield "provenance.json", self.fit.provenance.prov_json().encode()
        yield "citation.txt", self.fit.provenance.citation().encode()


def exported_fit(panel: FitPanel) -> ExportedFit | None:
    """Return the fit of a panel; None if it has none."""
    if panel.fit is None:
        return None
    measured = (_python_of_measurement(panel, *words) for words in panel.measures.done)
    return ExportedFit(panel.fit, tuple(filter(None, measured)), tuple(panel.measures.found))


def _python_of_measurement(panel: FitPanel, what: str, *words: str) -> str:
    """Return the Python of a measurement; empty for a chain that was not kept."""
    if what == "flux":
        low, high, unit = words
        return f"fit.flux({low}, {high}, unit={unit!r})"
    if what == "limit":
        return f"fit.upper_limit({words[0]!r}, level={LIMIT_LEVEL})"
    if what == "contour":
        return f"fit.contour({words[0]!r}, {words[1]!r}, points={CONTOUR_POINTS})"
    if what == "errors":
        return "fit.errors()"
    chain = panel.chain
    if chain is None:
        return ""
    steps = len(chain.samples.values)
    prior = f".with_prior({chain.prior!r})"
    return f"fit.chain({steps}, seed={chain.seed}){prior}"
