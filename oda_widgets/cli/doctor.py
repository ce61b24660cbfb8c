"""The doctor: check the installation, and say how to mend it."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from oda_widgets.config import load_settings
from oda_widgets.errors import OdaError, StoreError
from oda_widgets.files import close_to_others, is_of_another_user, is_open_to_others
from oda_widgets.provenance.folder import YOUR_OWN

_REQUIRED = (
    "numpy",
    "scipy",
    "astropy",
    "astroquery",
    "bokeh",
    "ipywidgets",
    "anywidget",
    "matplotlib",
)
_OPTIONAL = {
    "voila": "the web app: pip install 'oda-widgets[app]'",
    "jupyterlab": "the notebooks (oda-widgets lab): pip install 'oda-widgets[app]'",
}
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report.

    Parameters
    ----------
    state
        "ok", "missing" (optional) or "broken".
    subject
        What was examined, such as "store".
    remark
        A version, or what to do.
    """

    state: str
    subject: str
    remark: str


def add_verbs(verbs: Any) -> None:
    """Add the verb to the parser."""
    doctor = verbs.add_parser("doctor", help="show what is installed, what works and what to do")
    doctor.set_defaults(run=_doctor)


def examine() -> list[Finding]:
    """Return the findings about this installation."""
    return [
        Finding("ok", "Python", sys.version.split()[0]),
        *(_package(name, None) for name in _REQUIRED),
        *(_package(name, purpose) for name, purpose in _OPTIONAL.items()),
        _attempt("settings", lambda: f"cache in {load_settings().cache_folder}"),
        _attempt("cache folder", _check_cache_folder),
        _attempt("store", _check_store),
        _attempt("fetched files", _check_fetched_files),
        _attempt("bundled sample", _check_sample),
        _attempt("engine", _check_engine),
        _browser(),
        _fitsverify(),
    ]


def _doctor(_: argparse.Namespace) -> int:
    findings = examine()
    for finding in findings:
        sys.stdout.write(f"{finding.state:8s} {finding.subject:16s} {finding.remark}\n")
    broken = [finding for finding in findings if finding.state == "broken"]
    verdict = "all that is needed works"
    if broken:
        verdict = f"{len(broken)} broken: its line says what to do"
    sys.stdout.write(f"{verdict}\n")
    return 1 if broken else 0


def _package(name: str, purpose: str | None) -> Finding:
    try:
        return Finding("ok", name, version(name))
    except PackageNotFoundError:
        if purpose is not None:
            return Finding("missing", name, f"needed for {purpose}")
        return Finding("broken", name, "pip install oda-widgets again")


def _attempt(subject: str, action: Callable[[], str]) -> Finding:
    try:
        return Finding("ok", subject, action())
    except (OdaError, OSError) as error:
        return Finding("broken", subject, " ".join(str(error).split()))


def _check_cache_folder() -> str:
    folder = load_settings().cache_folder
    try:
        close_to_others(folder)
        with tempfile.TemporaryFile(dir=folder):
            opened = is_open_to_others(folder)
    except OSError as error:
        raise _unusable(folder, error) from None
    if not opened:
        return f"{folder} can be read and written, by you alone"
    return f"{folder} can be written; other users can read it: close it with chmod 700, if you mind"


def _unusable(folder: Path, error: OSError) -> StoreError:
    reason = "it belongs to another user" if is_of_another_user(folder) else error.strerror or error
    return StoreError(f"{folder} cannot be used ({reason}).", YOUR_OWN)


def _check_store() -> str:
    from oda_widgets.provenance.folder import Folder  # noqa: PLC0415 - only when asked

    settings = load_settings()
    folder = Folder(settings.store_folder)
    folder.check_access()
    if trouble := folder.trouble():
        raise StoreError(f"{folder.root}: {trouble}.", YOUR_OWN)
    return f"at most {settings.store_limit:g} GB in {folder.root}"


def _check_fetched_files() -> str:
    from oda_widgets.archive.mirror.cache import caches_in  # noqa: PLC0415 - only when asked
    from oda_widgets.archive.mirror.traffic import in_bytes  # noqa: PLC0415 - only when asked

    settings = load_settings()
    try:
        sizes = {cache.root.name: cache.size() for cache in caches_in(settings.cache_folder)}
    except OSError as error:
        raise _unusable(Path(error.filename or settings.cache_folder), error) from None
    if not sizes:
        return f"none yet; at most {settings.fetch_limit:g} GB of each archive are kept"
    texts = (f"{n} science windows of {name}, {in_bytes(b)}" for name, (n, b) in sizes.items())
    return f"{'; '.join(texts)}; at most {settings.fetch_limit:g} GB of each"


def _check_sample() -> str:
    from oda_widgets.archive.sample import SampleArchive  # noqa: PLC0415 - only when asked

    archive = SampleArchive()
    window = archive.science_windows()[0]
    return f"{window.id}, {len(archive.events(window.id)):,} events"


def _check_engine() -> str:
    """Image one second of the sample: everything between events and sky is at work."""
    from oda_widgets.backend.connect import connect  # noqa: PLC0415 - only when asked

    site = connect(archive="sample")
    window = site.science_windows()[0]
    burst = window.start + 669.0 / 86400
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the finding "store" tells if results cannot be kept
        image = site.image(
            "SGR 1935+2154", window, energy=(28, 150), intervals=[(burst, burst + 1 / 86400)]
        )
    source = image.catalog["SGR 1935+2154"]
    return f"one second of a burst of {source.name}: {source.significance:.0f} sigma"


def _browser() -> Finding:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found and Path(found).exists():
        return Finding("ok", "Chromium", found)
    return Finding("missing", "Chromium", "needed for the browser tests only: install chromium")


def _fitsverify() -> Finding:
    found = shutil.which("fitsverify")
    if found:
        return Finding("ok", "fitsverify", found)
    return Finding("missing", "fitsverify", "needed for some tests only: install fitsverify")
