"""Writing: all of a file or nothing of it, and never over another by accident."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.products.product import Product
from tests.products.examples import make_image, make_light_curve, make_spectrum

PRODUCTS: list[Callable[[], Product]] = [make_image, make_spectrum, make_light_curve]


@pytest.mark.parametrize("make", PRODUCTS)
def test_an_existing_file_is_kept_unless_told(tmp_path: Path, make: Callable[[], Product]) -> None:
    path = tmp_path / "product.fits"
    path.write_text("precious")
    with pytest.raises(BadParameter, match=r"exists already.*overwrite=True") as caught:
        make().write(path)
    assert caught.value.parameter == "path"
    assert path.read_text() == "precious"
    make().write(path, overwrite=True)
    assert path.read_bytes().startswith(b"SIMPLE")


def test_a_companion_that_exists_stops_all_three(tmp_path: Path) -> None:
    (tmp_path / "crab_arf.fits").write_text("precious")
    with pytest.raises(BadParameter, match="crab_arf"):
        make_spectrum().write(tmp_path / "crab.fits")
    assert [path.name for path in tmp_path.iterdir()] == ["crab_arf.fits"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match=r"folder does not exist.*Create .*nowhere"):
        make_image().write(tmp_path / "nowhere" / "image.fits")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "image.fits").mkdir()
    with pytest.raises(BadParameter, match="a folder, not a file"):
        make_image().write(tmp_path / "image.fits", overwrite=True)


@pytest.mark.parametrize("name", ["image", "image.txt", ".fits", "image.fit", "image.gz"])
def test_an_unknown_suffix_lists_the_known_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadParameter, match=r"\.fits, \.fits\.gz, \.pdf, \.png, \.svg"):
        make_image().save(tmp_path / name)
    with pytest.raises(BadParameter, match=r"\.fits, \.fits\.gz\."):
        make_image().write(tmp_path / name)


@pytest.mark.parametrize("name", ["image.fits", "image.FITS.GZ", "image.pdf", "image.png", "i.svg"])
def test_the_suffix_decides_what_is_saved(tmp_path: Path, name: str) -> None:
    beginnings = {"fits": b"SIMPLE", "gz": b"\x1f\x8b", "pdf": b"%PDF", "png": b"\x89PNG"}
    make_image().save(tmp_path / name)
    beginning = beginnings.get(name.lower().rpartition(".")[2], b"<?xml")
    assert (tmp_path / name).read_bytes().startswith(beginning)
    with pytest.raises(BadParameter, match="exists already"):
        make_image().save(tmp_path / name)
    make_image().save(tmp_path / name, overwrite=True)


def full_disk(*_arguments: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("make", PRODUCTS)
def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[], Product]
) -> None:
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(BadParameter, match="No space left on device"):
        make().write(tmp_path / "product.fits")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "image.fits").write_text("precious")
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(BadParameter):
        make_image().write(tmp_path / "image.fits", overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["image.fits"]
    assert (tmp_path / "image.fits").read_text() == "precious"


def test_files_appear_together_and_the_one_that_names_the_others_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    renamed: list[str] = []
    replace = Path.replace

    def record(draft: Path, target: Path) -> Path:
        # When the first takes its name, all three are complete.
        assert len(list(tmp_path.iterdir())) == 3
        renamed.append(target.name)
        return replace(draft, target)

    monkeypatch.setattr(Path, "replace", record)
    make_spectrum().write(tmp_path / "crab.fits")
    assert renamed == ["crab_arf.fits", "crab_rmf.fits", "crab.fits"]


def test_files_can_be_read_by_those_the_umask_allows(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    make_image().write(tmp_path / "image.fits")
    assert stat.S_IMODE((tmp_path / "image.fits").stat().st_mode) == stat.S_IMODE(
        (tmp_path / "plain").stat().st_mode
    )


def test_compressed_files_of_equal_content_are_equal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = []
    for second in (1.7e9, 1.8e9):
        monkeypatch.setattr("time.time", lambda moment=second: moment)
        make_spectrum().write(tmp_path / "crab.fits.gz", overwrite=True)
        contents.append((tmp_path / "crab_arf.fits.gz").read_bytes())
    assert contents[0] == contents[1]
