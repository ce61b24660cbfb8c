"""The verb that looks after the store."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import pytest

import oda_widgets as oda
from oda_widgets.cli.main import main
from oda_widgets.version import __version__

BURST = [(8320.64004, 8320.64005)]
CATALOG = oda.SourceCatalog.of([oda.CatalogSource("SGR 1935+2154", 293.732, 21.897)])


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Give a cache with a light curve, those of its window, fits and counts; and the curve's id."""
    folder = tmp_path_factory.mktemp("filled") / "cache"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ODA_WIDGETS_CACHE_FOLDER", str(folder))
        curves = oda.connect(archive="sample").light_curves(catalog=CATALOG, intervals=BURST)
    (curve,) = curves.values()
    assert curve.provenance is not None
    return folder, curve.provenance.id


@pytest.fixture
def node(filled: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the id of a light curve in a copy of that cache, which a test may change."""
    folder, identifier = filled
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("ODA_WIDGETS_CACHE_FOLDER", str(tmp_path))
    return identifier


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main(["store", *words]) == code
    shown = capsys.readouterr()
    return shown.out + shown.err


def test_the_results_are_listed(node: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "list")
    assert node[:12] in text
    assert "ii_lc_extract" in text
    assert "4 results" in text


@pytest.mark.usefixtures("node")
def test_the_list_says_what_its_columns_are(capsys: pytest.CaptureFixture[str]) -> None:
    heads, first, *_ = said(capsys, "list").splitlines()
    assert heads.split()[:4] == ["id", "last", "used", "size"]
    assert heads.index("last used") == first.index("  20") + 2


def test_a_result_is_explained(node: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "explain", node[:8])
    assert text.startswith("ISGRILCSum")
    for words in ("  ii_lc_extract", "science_window = 255900280010.001", "time_bin = 1.0"):
        assert words in text


def test_an_unknown_result_is_refused(node: str, capsys: pytest.CaptureFixture[str]) -> None:
    unknown = "0000" if not node.startswith("0000") else "1111"
    assert "no result in the store" in said(capsys, "explain", unknown, code=2)


def test_every_byte_is_verified(
    node: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "4 results" in said(capsys, "verify")
    (arrays,) = tmp_path.rglob(f"{node}.npz")
    content = bytearray(arrays.read_bytes())
    content[len(content) // 2] ^= 16
    arrays.write_bytes(content)
    assert f"damaged  {node}" in said(capsys, "verify", code=1)
    assert "damaged" in said(capsys, "list")
    assert "Submit the query again" in said(capsys, "explain", node, code=2)


@pytest.mark.usefixtures("node")
def test_pruning_makes_room(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "0 results removed" in said(capsys, "prune")
    assert "4 results removed, 0.00 MB left" in said(capsys, "prune", "--size", "0")
    assert not list(tmp_path.rglob("*.npz"))


@pytest.mark.usefixtures("node")
@pytest.mark.parametrize("words", [("--size", "0"), ("--made-by", __version__)])
def test_what_cannot_be_removed_is_not_counted_as_removed(
    words: tuple[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refused)
    text = said(capsys, "prune", *words, code=1)
    assert "0 results removed" in text
    assert "4 results could not be removed" in text


@pytest.mark.usefixtures("node")
def test_a_version_that_made_nothing_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "prune", "--made-by", "nosuch", code=2)
    assert "--made-by nosuch: no result in the store was made by this version" in text
    assert f"Versions in the store: {__version__}." in text


def test_a_bad_size_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--size -1: " in said(capsys, "prune", "--size", "-1", code=2)


def test_a_bad_limit_in_the_settings_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ODA_WIDGETS_STORE_LIMIT", "plenty")
    assert "store_limit='plenty'" in said(capsys, "list", code=2)
