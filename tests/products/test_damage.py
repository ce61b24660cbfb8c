"""Files that are truncated, altered or something else: our error, never astropy's."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st

from oda_widgets.errors import BadParameter, DamagedFile, OdaError
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.response import Response
from oda_widgets.products.spectrum import Spectrum
from tests.products.examples import make_image, make_light_curve, make_spectrum

KINDS: list[tuple[Callable[[], Any], Callable[[Path], Any]]] = [
    (make_image, SkyImage.read),
    (make_spectrum, Spectrum.read),
    (make_light_curve, LightCurve.read),
]
READERS = [*(read for _, read in KINDS), Response.read]


@pytest.mark.parametrize("read", READERS)
def test_a_missing_file_is_named(tmp_path: Path, read: Callable[[Path], Any]) -> None:
    with pytest.raises(BadParameter, match=r"nothing\.fits.*no such file"):
        read(tmp_path / "nothing.fits")


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "content",
    [b"", b"not FITS", b"\x1f\x8b broken gzip", b"SIMPLE  =                    T" + b" " * 50],
)
def test_a_file_that_is_something_else_is_refused(
    tmp_path: Path, read: Callable[[Path], Any], content: bytes
) -> None:
    (tmp_path / "junk.fits").write_bytes(content)
    with pytest.raises(DamagedFile, match=r"junk\.fits"):
        read(tmp_path / "junk.fits")


@pytest.mark.parametrize(("make", "read"), KINDS)
@pytest.mark.parametrize("suffix", [".fits", ".fits.gz"])
@pytest.mark.parametrize("left", [0.1, 0.5, 0.9, 0.995])
def test_a_truncated_file_is_refused(
    tmp_path: Path,
    make: Callable[[], Any],
    read: Callable[[Path], Any],
    suffix: str,
    left: float,
) -> None:
    path = tmp_path / f"product{suffix}"
    make().write(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(left * len(content))])
    with pytest.raises(DamagedFile, match="product"):
        read(path)


@pytest.mark.parametrize(("make", "read"), KINDS)
@settings(max_examples=20, deadline=None)
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_noticed(
    tmp_path_factory: pytest.TempPathFactory,
    make: Callable[[], Any],
    read: Callable[[Path], Any],
    where: float,
    bit: int,
) -> None:
    path = tmp_path_factory.mktemp("flipped") / "product.fits"
    make().write(path)
    content = bytearray(path.read_bytes())
    index = int(where * len(content))
    content[index] ^= 1 << bit
    path.write_bytes(content)
    original = make()
    try:
        product = read(path)
    except OdaError:
        return
    # Only a flip inside CREATOR or the checksums themselves may pass, and then nothing changed.
    assert repr(product.observation) == repr(original.observation)


@pytest.mark.parametrize(("make", "read"), KINDS)
def test_a_file_of_one_kind_is_not_read_as_another(
    tmp_path: Path, make: Callable[[], Any], read: Callable[[Path], Any]
) -> None:
    make().write(tmp_path / "product.fits")
    for other in READERS:
        if other != read:
            with pytest.raises(DamagedFile, match=r"There is no|No image"):
                other(tmp_path / "product.fits")


def test_an_edited_file_of_ours_says_how_to_make_it_valid(tmp_path: Path) -> None:
    path = tmp_path / "curve.fits"
    make_light_curve().write(path)
    with fits.open(path) as hdus:
        hdus[1].header["OBSERVER"] = "me"
        hdus.writeto(path, overwrite=True)
        with pytest.raises(DamagedFile, match="checksum=True"):
            LightCurve.read(path)
        hdus.writeto(path, overwrite=True, checksum=True)
    assert len(LightCurve.read(path)) == 7


def test_compression_is_seen_whatever_the_name_says(tmp_path: Path) -> None:
    make_image().write(tmp_path / "image.fits")
    content = (tmp_path / "image.fits").read_bytes()
    (tmp_path / "image.fits").write_bytes(gzip.compress(content))
    assert SkyImage.read(tmp_path / "image.fits").shape == (6, 8)
