"""Stores of another version or of another user: refused or ignored in words, and left as they are.

The store in data/ was written by version 0.1, for the question below.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import oda_widgets as oda
from oda_widgets.cli.doctor import _attempt, _check_cache_folder, _check_fetched_files, _check_store
from oda_widgets.cli.main import main
from oda_widgets.config import load_settings
from oda_widgets.errors import BadParameter, FileWarning, IncompleteProduct, StoreError
from oda_widgets.files import draft_name, drafts
from oda_widgets.provenance.run import Run
from oda_widgets.provenance.store import Store
from tests.provenance.conftest import Counted, run_of

OF_VERSION_0_1 = Path(__file__).parent / "data" / "store_of_version_0.1"
CATALOG = oda.SourceCatalog.of([oda.CatalogSource("SGR 1935+2154", 293.732, 21.897)])
NOBODY = 65534


def contents(folder: Path) -> dict[Path, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder): path.read_bytes() for path in files}


def ask() -> list[bool]:
    """Return whether the steps of a question came from the store."""
    site = oda.connect(archive="sample")
    (curve,) = site.light_curves(catalog=CATALOG, intervals=[(8320.64004, 8320.64005)]).values()
    assert curve.provenance is not None
    return [step.from_store for step in curve.provenance.nodes if step.computed]


@contextmanager
def as_another_user() -> Iterator[None]:
    """Give up the rights of root, for whom every folder is open."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture(scope="module", autouse=True)
def everything_is_imported(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Import what is imported late: Python may lie where another user may not read."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("ODA_WIDGETS_CACHE_FOLDER", str(tmp_path_factory.mktemp("first")))
        patched.setenv("XDG_CONFIG_HOME", "/nowhere")
        ask()
        assert main(["store", "list"]) == 0


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a cache folder in use that every user may enter, unlike those of pytest."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        monkeypatch.setenv("ODA_WIDGETS_CACHE_FOLDER", name)
        monkeypatch.setenv("XDG_CONFIG_HOME", name)
        yield Path(name)


@pytest.fixture
def old(cache: Path) -> Path:
    """Give the copy of a store of version 0.1 that is in use."""
    folder: Path = shutil.copytree(OF_VERSION_0_1, cache / "store")
    return folder


def test_results_of_version_0_1_are_neither_used_nor_touched(old: Path) -> None:
    before = contents(old)
    assert not any(ask())
    assert all(ask())
    now = contents(old)
    assert {path: now[path] for path in before} == before


def test_the_list_says_that_they_are_never_used_and_how_to_remove_them(
    old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask()
    assert main(["store", "list"]) == 0
    said = capsys.readouterr().out
    assert "2 results, 0.01 MB of version 0.1 are never used by this version;" in said
    assert "oda-widgets store prune --made-by 0.1" in said
    assert main(["store", "prune", "--made-by", "0.1"]) == 0
    assert "2 results removed" in capsys.readouterr().out
    left = set(contents(OF_VERSION_0_1)) & set(contents(old))
    assert left == {Path("format.json")}
    assert all(ask())


def test_a_store_of_a_newer_version_is_refused_and_left_as_it_is(
    old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (old / "format.json").write_text(json.dumps({"format": 2}))
    before = contents(old)
    with pytest.raises(StoreError, match=r"newer version.*Update with.*ODA_WIDGETS_CACHE_FOLDER"):
        oda.connect(archive="sample")
    assert main(["store", "prune", "--size", "0"]) != 0
    assert "newer version" in capsys.readouterr().err
    assert contents(old) == before


@pytest.mark.parametrize("mode", [0o555, 0o000])
def test_a_store_that_others_keep_closed_costs_results_and_no_product(
    cache: Path, counted: Counted, mode: int
) -> None:
    root = cache / "store"
    stored, new = counted.task("stored"), counted.task("new")
    run_of(Store(root, 1 << 30)).result(stored)
    before = contents(root)
    folders = [root, *(path for path in root.rglob("*") if path.is_dir())]
    for folder in reversed(folders):
        folder.chmod(mode)
    said: list[str] = []
    try:
        with as_another_user():
            store = Store(root, 1 << 30)
            assert not store.has(new.node.id)
            for task in (stored, new):
                assert Run(store, lambda: None, said.append).result(task).facts["step"]
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert contents(root) == before
    assert "Permission denied. Give yourself the right to write there, or set ODA_WIDG" in said[0]


def test_a_closed_store_is_not_listed_as_empty(
    old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old.chmod(0o000)
    try:
        with as_another_user():
            assert main(["store", "list"]) != 0
    finally:
        old.chmod(0o755)
    assert "cannot be read (Permission denied). Set ODA_WIDGETS" in capsys.readouterr().err


def test_a_site_over_a_closed_store_answers_and_says_that_it_stores_nothing(old: Path) -> None:
    old.chmod(0o000)
    try:
        with as_another_user(), pytest.warns(IncompleteProduct, match="cannot be stored in"):
            assert not any(ask())
    finally:
        old.chmod(0o755)


@pytest.mark.skipif(os.geteuid() != 0, reason="gives folders to other users")
def test_a_half_owned_store_is_said_by_list_and_doctor_and_costs_no_product(
    cache: Path, counted: Counted, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(cache / "store", 1 << 30)
    task = counted.task("a")
    run_of(store).result(task)
    for path in [cache, *cache.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
    closed = store.folder.record(task.node.id).parent
    os.chown(closed, 0, 0)
    closed.chmod(0o700)
    with as_another_user():
        assert main(["store", "list"]) == 0
        listed = capsys.readouterr().out
        finding = _attempt("store", _check_store)
        assert Run(Store(cache / "store", 1 << 30), lambda: None, print).result(task).facts["step"]
    for said in (listed, f"{finding.state} {finding.remark}"):
        assert "1 folder of it belongs to another user, or may not be read" in said
        assert "Set ODA_WIDGETS_CACHE_FOLDER" in said
    assert finding.state == "broken"
    assert capsys.readouterr().out.count("cannot be stored") == 1


def closed_to_us(cache: Path, place: str, mode: int) -> None:
    """Give the cache to its user, and some folders in it to root, with some rights for others."""
    for path in [cache, *cache.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
    for path in cache.glob(place) if place else [cache]:
        os.chown(path, 0, 0)
        path.chmod(mode)


@pytest.mark.skipif(os.geteuid() != 0, reason="gives folders to other users")
@pytest.mark.parametrize("mode", [0o700, 0o744, 0o755])
@pytest.mark.parametrize("place", ["", "store", "store/objects", "store/objects/*", "store/locks"])
@pytest.mark.parametrize("verb", ["list", "verify", "prune --size 0", "explain abcd"])
def test_no_folder_of_another_user_is_a_fault_of_the_store(
    cache: Path,
    counted: Counted,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
    place: str,
    mode: int,
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nowhere")
    store = Store(cache / "store", 1 << 30)
    task = counted.task("a")
    run_of(store).result(task)
    (store.folder.record(task.node.id).parent / draft_name()).touch()
    before = contents(cache / "store" / "objects")
    closed_to_us(cache, place, mode)
    with as_another_user():
        assert main(["store", *verb.split()]) in {0, 1, 2}
        assert Run(Store(cache / "store", 1 << 30), lambda: None, print).result(task).facts["step"]
    said = capsys.readouterr()
    assert "Errno" not in said.out + said.err
    if (place, mode) in {("", 0o700), ("", 0o744), ("store", 0o700)}:
        assert "cannot be read (Permission denied). Set ODA_WIDGETS_CACHE_FOLDER" in said.err
    elif place not in {"", "store/locks"} and verb != "explain abcd":
        lacking = "written: new results are not kept" if mode == 0o755 else "read: results are"
        assert f"to another user, or may not be {lacking}" in said.out
        assert "Set ODA_WIDGETS_CACHE_FOLDER to a folder of your own." in said.out
    if place == "store/objects/*":
        assert contents(cache / "store" / "objects") == before


@pytest.mark.parametrize("place", ["", "mirrors", "store"])
def test_the_doctor_names_what_is_closed_in_words(
    cache: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nowhere")
    for name in ("mirrors/heasarc/scw", "store"):
        (cache / name).mkdir(parents=True)
    closed = cache / place
    if os.geteuid() == 0:
        os.chown(closed, 0, 0)
    closed.chmod(0o000)
    try:
        with as_another_user():
            findings = [
                _attempt("cache", _check_cache_folder),
                _attempt("fetched", _check_fetched_files),
            ]
            findings.append(_attempt("store", _check_store))
    finally:
        closed.chmod(0o755)
    broken = [finding.remark for finding in findings if finding.state == "broken"]
    assert any(str(closed) in remark for remark in broken)
    for remark in broken:
        assert "Errno" not in remark
        assert "Set ODA_WIDGETS_CACHE_FOLDER to a folder of your own." in remark


@pytest.fixture
def draft(cache: Path, counted: Counted) -> Path:
    """Give the draft of a process that was killed while it wrote to the store."""
    run_of(Store(cache / "store", 1 << 30)).result(counted.task("a"))
    (folder,) = (cache / "store" / "objects").iterdir()
    write = "draft.write_bytes(bytes(2_000_000)); os.kill(os.getpid(), 9)"
    script = "import os, sys, pathlib; from oda_widgets.files import drafts\n"
    script += f"with drafts(pathlib.Path(sys.argv[1])) as (draft,): {write}"
    subprocess.run([sys.executable, "-c", script, folder / "x"], check=False)
    (found,) = folder.glob(".*")
    return found


def test_drafts_of_killed_processes_are_listed_verified_and_pruned(
    draft: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for action in ("list", "verify"):
        assert main(["store", action]) == 0
        assert "1 draft, 2.00 MB" in capsys.readouterr().out
    assert main(["store", "prune"]) == 0
    assert "0 results and 1 draft removed" in capsys.readouterr().out
    assert not draft.exists()


def test_drafts_are_removed_when_their_process_is_gone_and_not_before(
    draft: Path, cache: Path, counted: Counted
) -> None:
    with drafts(draft.with_name("whole")) as (mine,):
        mine.write_bytes(b"being written")
        run_of(Store(cache / "store", 1 << 30)).result(counted.task("b"))
        assert not draft.exists()
        assert mine.exists()


def test_pipes_in_the_place_of_files_are_not_waited_for(cache: Path, counted: Counted) -> None:
    store = Store(cache / "store", 1 << 30)
    task = counted.task("a")
    run_of(store).result(task)
    for path in (
        store.folder.record(task.node.id),
        cache / "store" / "format.json",
        store.folder.times,
    ):
        path.unlink(missing_ok=True)
        os.mkfifo(path)
    with pytest.warns(FileWarning, match="the format of the store, is missing or damaged"):
        again = Store(cache / "store", 1 << 30)
    assert not again.has(task.node.id)
    assert run_of(again).result(task).facts["step"]


def test_files_that_are_not_ours_are_never_removed(cache: Path, counted: Counted) -> None:
    store = Store(cache / "store", 1 << 30)
    run_of(store).result(counted.task("a"))
    strange = [
        cache / "store" / "objects" / "ab" / "abc.json",
        cache / "store" / "objects" / "ab" / "notes.txt",
        cache / "store" / "objects" / "ab" / "data.npz",
        cache / "store" / "locks" / "notes.txt",
    ]
    for path in strange:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("precious")
        os.utime(path, (1e9, 1e9))
    assert main(["store", "prune", "--size", "0"]) == 0
    assert not list(store.folder.results())
    assert all(path.exists() for path in strange)


def test_a_settings_file_that_others_keep_closed_is_named(cache: Path) -> None:
    (cache / "oda_widgets").mkdir(mode=0o000)
    with (
        as_another_user(),
        pytest.raises(BadParameter, match=r"settings\.toml.*cannot be read.*Permission denied"),
    ):
        load_settings()
