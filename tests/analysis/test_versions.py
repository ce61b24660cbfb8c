"""An edit of the code recomputes what it can change, and nothing else."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import oda_widgets as oda
from oda_widgets.analysis.analysis import analysis_of
from oda_widgets.analysis.energies import CalibratedArchive
from oda_widgets.analysis.plan import Tasks
from oda_widgets.analysis.product import tasks_of
from oda_widgets.archive.sample import SampleArchive
from oda_widgets.archive.simulated.archive import SimulatedArchive
from oda_widgets.provenance import code_version as versions
from oda_widgets.provenance.code_version import PACKAGE, code_version, reached
from oda_widgets.provenance.node import Node
from oda_widgets.request.queries import Query

STEPS = {
    "ISGRIEvents": "archive.simulated.archive",
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
    "ii_lc_extract": "analysis.window_light_curves",
    "ISGRILCSum": "analysis.light_curve_sum",
}
"""The module that holds the function of each step."""

OTHERS = (
    "analysis.energies",
    "archive.isdc",
    "archive.sample",
    "fitting.fit",
    "fitting.chains.sampling",
)
MODULES = sorted({*STEPS.values(), *OTHERS})
ABOVE = ("views", "panels", "server", "cli", "backend")
GIVEN = {"content", "choice"}  # versions of what no code of ours makes


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Give a copy of the package."""
    ignored = shutil.ignore_patterns("__pycache__")
    return shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=ignored)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Forget what was read of copies."""
    yield
    _forget()


def test_every_step_is_versioned_by_the_module_that_holds_its_function() -> None:
    found = {node.step: node.version for tasks in _tasks() for node in _nodes(tasks.whole.node)}
    computed = {step: version for step, version in found.items() if version not in GIVEN}
    assert computed == {s: code_version(f"oda_widgets.{module}") for s, module in STEPS.items()}


def test_energies_of_real_events_are_versioned_by_their_module() -> None:
    archive = CalibratedArchive(SampleArchive())
    (window,) = archive.science_windows()
    energies = archive.node(window)
    (recorded,) = energies.inputs
    assert energies.version == code_version("oda_widgets.analysis.energies")
    assert recorded.version == code_version("oda_widgets.archive.sample")


def test_an_edit_of_any_file_that_a_step_reaches_is_another_version(copy: Path) -> None:
    before = _versions(copy)
    reach = {module: reached(f"oda_widgets.{module}", copy) for module in MODULES}
    for file in sorted({file for files in reach.values() for file in files}):
        original = (copy / file).read_bytes()
        (copy / file).write_bytes(original + b"\n")
        after = _versions(copy)
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
def test_what_makes_shows_and_files_products_is_part_of_no_step(module: str) -> None:
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
    line = "return tuple(catalog[index] for index in nearest_first if angles[index] <= radius)"
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


def _tasks() -> Iterator[Tasks]:
    archive = CalibratedArchive(SimulatedArchive())
    windows = oda.connect(archive="simulated").science_windows("Crab", limit=2)
    catalog = oda.SourceCatalog.of([oda.CatalogSource("Crab", 83.63, 22.01)])
    queries: list[Query] = [
        oda.ImageQuery(science_windows=windows.ids, energy=(20, 40)),
        oda.SpectrumQuery(science_windows=windows.ids, catalog=catalog),
        oda.LightCurveQuery(science_windows=windows.ids, catalog=catalog),
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


def _forget() -> None:
    for function in (versions.code_version, versions._source, versions._tree):
        function.cache_clear()


def _files_of(module: str) -> tuple[str, str]:
    path = "/".join(module.split(".")[1:])
    return f"{path}.py", f"{path}/__init__.py"


def _imports(file: Path) -> Iterator[str]:
    tree = ast.parse(file.read_bytes())
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
