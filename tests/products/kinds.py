"""A sound file of every kind that is read, and the function that reads each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

import oda_widgets as oda
from oda_widgets.archive.calibration import CalibrationFiles, read_temperatures, tables_for
from oda_widgets.archive.calibration_index import tables_at
from oda_widgets.archive.damage import ContentError
from oda_widgets.archive.event_file import read_raw_window, read_summary
from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.mirror.window_list import read_index
from oda_widgets.archive.rate_files import read_context, read_efficiencies, read_live_fractions
from oda_widgets.archive.shield.folder import ShieldFolder
from oda_widgets.archive.usable import usable_events
from oda_widgets.archive.write import write_isdc
from oda_widgets.backend.recorded.recorder import Recorder
from oda_widgets.errors import OdaError
from oda_widgets.fitting.xspec.xcm import read_xcm
from oda_widgets.panels.session import FormState, JobRecord, Session
from oda_widgets.panels.session_file import SUFFIX, read_session, session_text
from oda_widgets.products.files.catalog_file import write_catalog
from oda_widgets.products.orbit import Orbit
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import TimeInterval
from oda_widgets.workers.progress import Muted
from tests.archive.calibration_tree import (
    made_efficiencies,
    write_context,
    write_dead_time,
    write_efficiencies,
    write_housekeeping,
    write_tree,
)
from tests.archive.conftest import build_window
from tests.archive.mirror.served import write_index
from tests.archive.test_shield import write_telemetry
from tests.backend.test_recording import QUERY, Studio
from tests.products import examples
from tests.products.test_files_of_others import FILES
from tests.products.test_shield_files import GENLC, IPNLC
from tests.real_data import GRB_230307A, ORBIT, OSA_ILLUMINATION

EVENTS = "006600220010.001"
MODELS = Path(__file__).parents[1] / "fitting" / "data"
TIME = 8320.64

WINDOW = ScienceWindow("066500220010.001", 3400.0, 3400.04, 83.6, 22.0, 353.6, 0.0, 3000.0)
SESSION = Session(
    FormState(
        name="Crab", source=Source("Crab", 83.63, 22.01, "the test"), start="2008", stop="",
        radius="15", limit="50", seed="0", chosen=(WINDOW.id,), instrument="isgri",
        windows=ScienceWindowList((WINDOW,), 1, "the test"), low="20", high="40",
        intervals=(TimeInterval(3400.0, 3400.01),), product="image", threshold="7",
        time_bin="100", time_bin_chosen=True, catalog=examples.CATALOG, origin="the test",
    ),
    (JobRecord(QUERY, "Crab", "done", 1.5),), (("image", 0),), 1,
)  # fmt: skip

Read = Callable[[Path], object]
Kinds = list[tuple[Path, Read]]


def kinds(folder: Path) -> Kinds:
    """Return sound files, made in a folder or there already, and what reads each."""
    return [*_products(folder), *_of_the_page(folder), *_of_archives(folder / "archive")]


def _products(folder: Path) -> Kinds:
    examples.make_image().write(folder / "image.fits")
    examples.make_all_sky().write(folder / "all_sky.fits")
    examples.make_spectrum().write(folder / "spectrum.fits")
    examples.make_light_curve().write(folder / "curve.fits.gz")
    for suffix in (".fits", ".vot", ".ecsv", ".csv", ".reg"):
        write_catalog(examples.CATALOG, folder / f"catalogue{suffix}")
    (folder / "catalogue.dat").write_text("name ra dec\nCrab 05:34:31 +22:00:52\nVela 128 -45\n")
    (folder / "genlc.txt").write_text(GENLC)
    (folder / "ipnlc.txt").write_text(IPNLC)
    others = (*FILES.iterdir(), GRB_230307A, OSA_ILLUMINATION)
    files = sorted([*others, *filter(Path.is_file, folder.iterdir())])
    return [*((file, _read_as_anything) for file in files), (ORBIT, Orbit.read)]


def _of_the_page(folder: Path) -> Kinds:
    session, recording = folder / f"page{SUFFIX}", folder / "answers.zip"
    session.write_text(session_text(SESSION))
    Recorder(Studio(), recording).run(QUERY, Muted())  # type: ignore[arg-type]
    return [
        (session, lambda path: read_session(path.read_bytes())),
        (recording, lambda path: oda.connect(f"recorded:{path}").submit(QUERY).result(10)),
        *((model, lambda path: read_xcm(path, 2)) for model in sorted(MODELS.glob("*.xcm"))),
    ]


def _of_archives(root: Path) -> Kinds:
    events = write_isdc(build_window(EVENTS), root)
    write_telemetry(events.parent, np.random.default_rng(5).poisson(5000, 1000))
    telemetry = events.parent / "raw" / "spi_raw_hk.fits"
    tables = tuple(write_tree(root).values())
    housekeeping = write_housekeeping(events.parent, np.linspace(-5.0, 5.0, 8))
    plane = np.ones((128, 128))
    indexes = sorted((root / "idx").rglob("*.fits"))
    windows = write_index(root, [WINDOW])
    return [
        (events, _read_events),
        (telemetry, lambda path: _read_telemetry(path, events)),
        (housekeeping, lambda path: read_temperatures(CalibrationFiles(tables, path))),
        (windows, read_index),
        (write_dead_time(events.parent, np.full((8, 3), 0.25)), read_live_fractions),
        (write_efficiencies(root, made_efficiencies()), read_efficiencies),
        (write_context(events.parent.parent, plane, plane, plane), read_context),
        *((table, _TableReader(tables, place)) for place, table in enumerate(tables)),
        *((index, _IndexReader(root, index.relative_to(root))) for index in indexes),
    ]


def _read_as_anything(path: Path) -> None:
    rmf, arf, pha = (FILES / f"base.{suffix}" for suffix in ("rmf", "arf", "pha"))
    tried(lambda _: repr(oda.open(path)), path)
    if path.suffix in {".fits", ".gz", ".pha"}:
        tried(lambda _: repr(oda.Spectrum.read(path, rmf, arf).fit), path)
        tried(lambda _: repr(oda.LightCurve.read(path)), path)
    elif path.suffix == ".rmf":
        oda.Spectrum.read(pha, path, arf)
    elif path.suffix == ".arf":
        oda.Spectrum.read(pha, rmf, path)


def _read_events(path: Path) -> None:
    tried(lambda _: usable_events(read_raw_window(path, EVENTS), path), path)
    read_summary(path, EVENTS)


def _read_telemetry(path: Path, events: Path) -> None:
    """Read telemetry of the shield where archives have it, beside the events of its window."""
    window = path.parent / "scw" / EVENTS[:4] / EVENTS
    (window / "raw").mkdir(parents=True)
    (window / events.name).symlink_to(events)
    (window / "raw" / "spi_raw_hk.fits").symlink_to(path)
    ShieldFolder(IsdcArchive(path.parent)).data(0.0, 9999.0)


class _TableReader:
    """Reads one calibration table together with the sound ones of the other kinds."""

    def __init__(self, tables: tuple[Path, ...], place: int) -> None:
        self._before, self._after = tables[:place], tables[place + 1 :]

    def __call__(self, path: Path) -> object:
        return tables_for(CalibrationFiles((*self._before, path, *self._after)), TIME)


class _IndexReader:
    """Finds calibration tables by an index in the place of a sound one."""

    def __init__(self, root: Path, place: Path) -> None:
        self._root, self._place = root, place

    def __call__(self, path: Path) -> object:
        tree = path.parent / "tree"
        shutil.copytree(self._root / "idx", tree / "idx")
        shutil.copytree(self._root / "ic", tree / "ic", copy_function=os.link)
        shutil.copy(path, tree / self._place)
        return tables_at(tree, TIME)


def tried(read: Read, path: Path) -> None:
    """Read a file; errors of ours are as good as a result."""
    # Who reads the files of an archive turns a `ContentError` into words about the file.
    with suppress(OdaError, ContentError):
        read(path)
