"""An edit of the code recomputes what it can change, and nothing else."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import CodeType

import pytest

import oda_widgets as oda
from oda_widgets.analysis.analysis import analysis_of
from oda_widgets.analysis.calibrated_archive import CalibratedArchive
from oda_widgets.analysis.plan import Tasks
from oda_widgets.analysis.product import tasks_of
from oda_widgets.analysis.session import WindowReader
from oda_widgets.archive.base import Archive
from oda_widgets.archive.combined import CombinedArchive
from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.jemx_events import jemx_events_node
from oda_widgets.archive.mirror.open import open_mirror
from oda_widgets.archive.mirror.selection import MirrorSelection
from oda_widgets.archive.sample import SampleArchive
from oda_widgets.archive.simulated.archive import SimulatedArchive
from oda_widgets.provenance import code_version as versions
from oda_widgets.provenance.code_version import PACKAGE, code_version, reached
from oda_widgets.provenance.node import Node
from oda_widgets.request.queries import Query
from tests.archive.mirror.served import IMPATIENT, write_index
from tests.servers.archive_server import serving_archive

STEPS = {
    "ISGRIEvents": "archive.simulated.archive",
    "isgri_efficiency": "analysis.calibrated_archive",
    "ISGRICounts": "analysis.window_counts",
    "ISGRIRefCat": "lookup.reference_catalog",
    "ISGRIResponse": "instruments.isgri.channels",
    "pixel_sums": "analysis.pixel_template",
    "BinMapsImage": "analysis.pixel_template",
    "BinMapsSpectra": "analysis.pixel_template",
    "ii_skyimage": "analysis.window_image",
    "mosaic_footprint": "analysis.footprint",
    "mosaic_ii_skyimage": "analysis.mosaic_image",
    "ii_spectra_extract": "analysis.window_spectra",
    "ISGRISpectraSum": "analysis.spectra_sum",
    "ISGRIGroupFits": "analysis.group_fits",
    "ii_lc_extract": "analysis.window_light_curves",
    "ISGRILCSum": "analysis.light_curve_sum",
    "JEMXEvents": "archive.jemx_events",
    "JRMF": "instruments.jemx.channels",
    "jemx_image": "analysis.jemx_image",
    "mosaic_jemx": "analysis.mosaic_image",
    "jemx_spe": "analysis.jemx_spectra",
    "spe_pick": "analysis.spectra_sum",
    "jemx_lcr": "analysis.jemx_light_curves",
    "lc_pick": "analysis.light_curve_sum",
}
"""The module that holds the function of each step."""

OTHERS = (
    "analysis.cleaned_footprint",  # a step that only the data of a mosaic ask for
    "analysis.energies",
    "analysis.sensitivities",
    "archive.isdc",
    "archive.sample",
    "fitting.fit",
    "fitting.chains.sampling",
)
MODULES = sorted({*STEPS.values(), *OTHERS})
PASS_ON = {
    "analysis/session.py",
    "archive/combined.py",
    "archive/mirror/archive.py",
    "archive/mirror/cache.py",
    "archive/mirror/selection.py",
    "provenance/lock.py",
}
"""Modules of values that steps are given, which pass on events and calibrations as they are."""

IDENTIFY = {"analysis/analysis.py", "archive/jemx_events.py"}
"""Modules that tell whether events that were read are still those of the query."""

ABOVE = ("views", "panels", "server", "cli", "backend")
GIVEN = {"content", "choice"}  # versions of what no code of ours makes


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """Give a copy of the package, with its compiled code; forget its source files afterwards."""
    yield shutil.copytree(PACKAGE, tmp_path / PACKAGE.name)
    _forget()


def test_every_step_is_versioned_by_the_module_that_holds_its_function() -> None:
    found = {node.step: node.version for tasks in _tasks() for node in _nodes(tasks.whole.node)}
    computed = {step: version for step, version in found.items() if version not in GIVEN}
    assert computed == {s: code_version(f"oda_widgets.{module}") for s, module in STEPS.items()}


def test_energies_know_nothing_of_the_reference_catalogue() -> None:
    """Else an edit of it would calibrate all events again."""
    files = reached("oda_widgets.analysis.energies")
    assert not [file for file in files if "reference_catalog" in file]


def test_energies_of_real_events_are_versioned_by_their_module() -> None:
    archive = CalibratedArchive(SampleArchive())
    (window,) = archive.science_windows()
    (energies,) = archive.node(window).inputs
    (recorded,) = energies.inputs
    assert energies.version == code_version("oda_widgets.analysis.energies")
    assert recorded.version == code_version("oda_widgets.archive.sample")


@pytest.mark.parametrize("kind", ["sample", "simulated", "folder", "combined", "mirror"])
def test_the_history_of_events_covers_all_code_that_made_them(
    kind: str, three_windows: Path, tmp_path: Path
) -> None:
    """Steps are given their events by values, whose modules no step imports by name."""
    archive = CalibratedArchive(_archive(kind, three_windows, tmp_path))
    window = archive.science_windows()[0]
    node = archive.node(window)
    ran = _files_run(lambda: WindowReader(archive).events(window, node))
    covered = {file for version in _covering(node) for file in version}
    assert "analysis/calibrated_archive.py" in ran
    assert ran - covered - PASS_ON - IDENTIFY == set()


def test_the_history_of_jemx_events_covers_all_code_that_made_them() -> None:
    archive = CalibratedArchive(CombinedArchive([SampleArchive(), SimulatedArchive()]))
    window = SimulatedArchive().science_windows()[0]
    node = jemx_events_node(archive.archive, window, "jemx1")
    ran = _files_run(lambda: WindowReader(archive).events(window, node, "jemx1"))
    covered = {file for version in _covering(node) for file in version}
    assert "archive/simulated/jemx/beam.py" in ran
    assert ran - covered - PASS_ON - IDENTIFY == set()


def test_an_edit_of_any_file_that_a_step_reaches_is_another_version(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _versions(copy)
    reach = {module: reached(f"oda_widgets.{module}", copy) for module in MODULES}
    for file in sorted({file for files in reach.values() for file in files}):
        original = (copy / file).read_bytes()
        (copy / file).write_bytes(original + b"\n")
        with monkeypatch.context() as patched:
            patched.setattr(versions, "_source", _reading_anew(file))
            version = code_version.__wrapped__
            after = {module: version(f"oda_widgets.{module}", copy) for module in MODULES}
        (copy / file).write_bytes(original)
        changed = {module for module in MODULES if after[module] != before[module]}
        assert changed == {module for module in MODULES if file in reach[module]}, file


@pytest.mark.parametrize("module", MODULES)
def test_a_step_reaches_all_that_the_syntax_trees_of_its_modules_import(module: str) -> None:
    """Another reader of the same sources, which knows no regular expression."""
    found, ahead = set(), [f"oda_widgets.{module}"]
    while ahead:
        name = ahead.pop()
        file = next((f for f in _files_of(name) if (PACKAGE / f).is_file()), None)
        if file is not None and file not in found:
            found.add(file)
            ahead += _imports(PACKAGE / file)
    assert found == {file for file in reached(f"oda_widgets.{module}") if file.endswith(".py")}


def test_data_files_are_part_of_the_steps_that_read_them() -> None:
    files = {module: set(reached(f"oda_widgets.{module}")) for module in MODULES}
    assert "lookup/reference_catalog.csv" in files["analysis.window_image"]
    assert "lookup/reference_catalog.csv" in files["analysis.mosaic_image"]
    assert "instruments/isgri/data/isgri_rmf_2022.fits.gz" in files["analysis.window_spectra"]
    assert "archive/simulated/observations.csv" in files["archive.simulated.archive"]
    assert "fitting/data/models.dat" in files["fitting.chains.sampling"]


def test_editing_all_pages_panels_servers_and_commands_recomputes_nothing(copy: Path) -> None:
    before = _versions(copy)
    edited = [file for room in ABOVE for file in (copy / room).rglob("*") if file.is_file()]
    for file in edited:
        file.write_bytes(file.read_bytes() + b"\n")
    assert len(edited) > 100
    assert _versions(copy) == before


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("analysis.")])
def test_code_of_products_views_and_files_is_part_of_no_step(module: str) -> None:
    files = reached(f"oda_widgets.{module}")
    outside = ("products", "workers", "protocol", *ABOVE)
    assert not [file for file in files if file.split("/")[0] in outside]
    made = ("analysis", "session", "scheduler", "plan", "image", "spectra", "light_curves")
    assert not {f"analysis/{name}.py" for name in made}.intersection(files)
    assert not {f"provenance/{name}.py" for name in ("record", "run", "store")}.intersection(files)


def test_a_module_that_is_not_there_has_no_version(copy: Path) -> None:
    with pytest.raises(KeyError):
        code_version("oda_widgets.analysis.astrology", copy)


def test_a_changed_reference_catalogue_computes_the_next_query_anew(
    copy: Path, tmp_path: Path, three_windows: Path
) -> None:
    """Two sessions with one store; between them one line of code is edited."""
    environment = os.environ | {
        "PYTHONPATH": str(tmp_path),
        "ODA_WIDGETS_CACHE_FOLDER": str(tmp_path / "cache"),
    }

    def from_store() -> list[str]:
        command = [sys.executable, "-P", "-c", ASK, str(three_windows)]
        ended = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        where, *answers = ended.stdout.split()
        assert Path(where).parent == copy
        return answers

    assert from_store() == ["False", "0"]
    assert from_store() == ["True", "1"]
    catalog = copy / "lookup" / "reference_catalog.py"
    line = (
        "return tuple(catalog[near[index]] for index in nearest_first if angles[index] <= radius)"
    )
    assert line in catalog.read_text()
    catalog.write_text(catalog.read_text().replace(line, "return ()"))
    assert from_store() == ["False", "0"]


ASK = """
import sys
import oda_widgets as oda
site = oda.connect(archive=sys.argv[1])
query = oda.ImageQuery(science_windows=site.science_windows().ids[:1], energy=(28, 80))
in_store = site.plan(query).in_store
image = site.submit(query).result()
print(oda.__file__, image.provenance.nodes[-1].from_store, in_store)
"""


def _archive(kind: str, folder: Path, cache: Path) -> Archive:
    """Return an archive of one class; the mirror has fetched all windows."""
    if kind != "mirror":
        combined = CombinedArchive([SampleArchive(), SimulatedArchive()])
        kinds = {"sample": SampleArchive(), "simulated": SimulatedArchive(), "combined": combined}
        return kinds.get(kind) or IsdcArchive(folder)
    served = cache / "served"
    shutil.copytree(folder / "scw", served / "scw")
    write_index(served, IsdcArchive(folder).science_windows())
    with serving_archive(served) as server:
        mirror = open_mirror(server.address, cache, None, patience=IMPATIENT)
        windows = mirror.science_windows()[:1]
        return MirrorSelection(mirror, {w.id[:12]: mirror.fetch_all(w.id) for w in windows})


def _files_run(work: Callable[[], object]) -> set[str]:
    """Return the files of the package of which a function ran, as paths inside the package."""
    codes: set[CodeType] = set()
    earlier = sys.getprofile()
    sys.setprofile(lambda frame, *_: codes.add(frame.f_code))
    try:
        work()
    finally:
        sys.setprofile(earlier)
    names = {code.co_filename for code in codes if code.co_name != "<module>"}
    inside = (Path(name) for name in names if name.startswith(f"{PACKAGE}{os.sep}"))
    return {path.relative_to(PACKAGE).as_posix() for path in inside}


def _covering(node: Node) -> Iterator[tuple[str, ...]]:
    """Iterate over the files that the versions of a history cover, by the modules known here."""
    by_version = {code_version(f"oda_widgets.{m}"): f"oda_widgets.{m}" for m in MODULES}
    for step in _nodes(node):
        if step.version not in GIVEN:
            yield reached(by_version[step.version])


def _tasks() -> Iterator[Tasks]:
    archive = CalibratedArchive(SimulatedArchive())
    windows = oda.connect(archive="simulated").science_windows("Crab", limit=2)
    catalog = oda.SourceCatalog.of([oda.CatalogSource("Crab", 83.63, 22.01)])
    queries: list[Query] = [
        oda.ImageQuery(science_windows=windows.ids, energy=(20, 40)),
        oda.SpectrumQuery(science_windows=windows.ids, catalog=catalog),
        oda.LightCurveQuery(science_windows=windows.ids, catalog=catalog),
    ]
    near = oda.connect(archive="simulated").science_windows("Crab", limit=2, instrument="jemx1")
    queries += [
        oda.ImageQuery(science_windows=near.ids, instrument="jemx1"),
        oda.SpectrumQuery(science_windows=near.ids, catalog=catalog, instrument="jemx1"),
        oda.LightCurveQuery(science_windows=near.ids, catalog=catalog, instrument="jemx1"),
    ]
    yield from (tasks_of(analysis_of(query, archive)) for query in queries)


def _nodes(node: Node) -> Iterator[Node]:
    """Iterate over all nodes that one may rest on, those that it uses only if needed as well."""
    yield node
    for source in (*node.inputs, *node.if_needed):
        yield from _nodes(source)


def _versions(package: Path) -> dict[str, str]:
    _forget()
    return {module: code_version(f"oda_widgets.{module}", package) for module in MODULES}


def _reading_anew(edited: str) -> Callable[[str, Path], versions._Source]:
    """Return what gives the sources, and forgets the edited one: to read all again takes long."""
    known, read = versions._source, versions._source.__wrapped__
    return lambda file, package: (read if file == edited else known)(file, package)


def _forget() -> None:
    for function in (versions.code_version, versions._source, versions._tree):
        function.cache_clear()


def _files_of(module: str) -> tuple[str, str]:
    path = "/".join(module.split(".")[1:])
    return f"{path}.py", f"{path}/__init__.py"


@cache
def _imports(file: Path) -> tuple[str, ...]:
    return tuple(_imported(ast.parse(file.read_bytes())))


def _imported(tree: ast.Module) -> Iterator[str]:
    hidden = {
        id(statement)
        for test in ast.walk(tree)
        if isinstance(test, ast.If) and getattr(test.test, "id", "") == "TYPE_CHECKING"
        for statement in ast.walk(test)
    }
    for statement in ast.walk(tree):
        if id(statement) in hidden:
            continue
        if isinstance(statement, ast.ImportFrom) and statement.module:
            yield statement.module
            yield from (f"{statement.module}.{alias.name}" for alias in statement.names)
        elif isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
