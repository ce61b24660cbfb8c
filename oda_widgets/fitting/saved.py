"""Tables, figures and files of a fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from oda_widgets.abilities import abilities
from oda_widgets.files import write_files
from oda_widgets.fitting.fitted import Fitted
from oda_widgets.fitting.table import as_kind
from oda_widgets.fitting.xspec.to_xspec import write_for_xspec
from oda_widgets.fitting.xspec.xcm import xcm_text
from oda_widgets.products.files.suffixes import FIGURES, path_with_suffix
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.options import refuse_options
from oda_widgets.request.paths import file_path

TABLES = {".txt": "text", ".tex": "latex", ".csv": "csv", ".html": "html"}
SAVED = (*TABLES, ".xcm", *FIGURES)  # suffixes of files that `SavedFit.save` writes


@suggesting_class
class SavedFit(Fitted):
    """A fit that can be shown and saved: its table, its figures, its files for XSPEC."""

    def table(self, kind: str = "text") -> str:
        r"""Return parameters, errors with their confidence, and statistic as a table.

        Parameters
        ----------
        kind
            "text", "latex", "csv" or "html".

        Raises
        ------
        BadParameter
            If there is no such kind of table.

        Examples
        --------
        >>> print(fit.table("latex").splitlines()[0])
        \begin{tabular}{lr}\hline
        """
        return as_kind(self._table, kind)

    def save(self, path: str | Path, *, overwrite: bool = False, **options: Any) -> None:
        """Save the table, the model or a figure of the fit, as the suffix of the name says.

        Parameters
        ----------
        path
            Ends in ``.txt``, ``.tex``, ``.csv`` or ``.html`` for the table, in ``.xcm`` for a
            command file of XSPEC, in ``.pdf``, ``.png`` or ``.svg`` for a figure.
        overwrite
            Replace a file that exists.
        options
            Of a figure: those of `figure`, and ``dpi`` for PNG.

        Raises
        ------
        BadParameter
            If the suffix is another, the file exists or cannot be written, or an option cannot be
            accepted.

        Examples
        --------
        >>> fit.save("fit.csv", overwrite=True)
        >>> fit.save("fit.png", columns=2, dpi=300, overwrite=True)
        """
        target, suffix = path_with_suffix(path, SAVED)
        write_files({target: self._content(suffix, **options)}, overwrite=overwrite)

    def _content(self, suffix: str, **options: Any) -> bytes:
        if suffix in FIGURES:
            return abilities().picture(self, suffix.removeprefix("."), **options)
        refuse_options(options, "XSPEC's command files" if suffix == ".xcm" else "a table")
        if suffix in TABLES:
            return self.table(TABLES[suffix]).encode()
        ranges = [data.energy for data in self.datasets]
        text = xcm_text(self.model, self.parameters, self.recipe.statistics, ranges)
        return text.encode("ascii")

    def write_xcm(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write model and parameters as a command file that XSPEC reads (``@name.xcm``).

        Parameters
        ----------
        path
            The file.
        overwrite
            Replace a file that exists.

        Raises
        ------
        BadParameter
            If the file exists or cannot be written.
        """
        write_files({file_path("path", path): self._content(".xcm")}, overwrite=overwrite)

    def to_xspec(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Write spectra, responses, model and the script ``fit.xcm``, which XSPEC runs as it is.

        Parameters
        ----------
        folder
            Folder for the files; created if it does not exist.
        overwrite
            Replace files that exist.

        Returns
        -------
        Path
            The script: ``xspec - fit.xcm`` in that folder runs it.

        Raises
        ------
        BadParameter
            If a file exists or cannot be written.
        """
        return write_for_xspec(self.recipe, self.parameters, folder, overwrite=overwrite)

    def plot(self, **options: Any) -> Any:
        """Return an interactive figure: data, folded model, residuals.

        Parameters
        ----------
        options
            Those of `oda_widgets.views.fit_view.FitView`: min_significance, height.
        """
        return abilities().plot(self, **options)

    def figure(self, **options: Any) -> Any:
        """Return a figure for publication, a `matplotlib.figure.Figure`.

        Parameters
        ----------
        options
            Those of `oda_widgets.views.paper.fit_figure.fit_figure`: columns, min_significance,
            unfolded, ratio.
        """
        return abilities().figure(self, **options)
