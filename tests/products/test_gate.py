"""Files that announce, unpack to, or point at more than they may: refused at once, in words."""

from __future__ import annotations

import bz2
import gc
import gzip
import lzma
import os
import socket
import tracemalloc
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.errors import DamagedFile, FileWarning
from oda_widgets.products.files.container import encode
from oda_widgets.products.files.gate import read_content
from oda_widgets.products.files.image_file import image_hdus
from tests.products.examples import CATALOG, make_image
from tests.products.test_files_of_others import FILES

MEMBER = gzip.compress(bytes(1 << 20))


def card(keyword: str, value: str) -> bytes:
    return f"{keyword:<8}= {value:>20}".ljust(80).encode()


def with_card(content: bytes, keyword: str, value: str, unit: int) -> bytes:
    """Return a FITS file with a card of one unit, counted from 0, changed or added to it."""
    place = [0, *(i for i in range(2880, len(content), 2880) if content[i : i + 8] == b"XTENSION")]
    start, end = place[unit], content.index(b"END".ljust(80), place[unit])
    header = content[start:end]
    cards = [header[i : i + 80] for i in range(0, len(header), 80)]
    kept = [each for each in cards if not each.startswith(f"{keyword:<8}=".encode())]
    block = b"".join([kept[0], card(keyword, value), *kept[1:], b"END".ljust(80)])
    old = -(-(end + 80 - start) // 2880) * 2880
    return content[:start] + block.ljust(-(-len(block) // 2880) * 2880) + content[start + old :]


@pytest.mark.parametrize(
    ("keyword", "value", "unit"),
    [
        ("NAXIS", "2147483648", 0),
        ("NAXIS", "-1", 0),
        ("NAXIS", "1E20", 1),
        ("NAXIS1", "1E20", 1),
        ("NAXIS1", "0", 1),
        ("NAXIS2", "2147483648", 1),
        ("NAXIS2", "'many'", 1),
        ("PCOUNT", "1E20", 1),
        ("PCOUNT", "99999999999999", 1),
        ("GCOUNT", "99999999999999", 1),
        ("BITPIX", "64000000", 1),
        ("TFIELDS", "2147483648", 1),
        ("TFIELDS", "1", 1),
        ("TFORM1", "'999999999E'", 1),
        ("TFORM1", "'nothing'", 1),
    ],
)
def test_a_header_that_cannot_be_is_refused(
    tmp_path: Path, keyword: str, value: str, unit: int
) -> None:
    path = tmp_path / "file.pha"
    path.write_bytes(with_card((FILES / "base.pha").read_bytes(), keyword, value, unit))
    with pytest.raises(DamagedFile, match=rf"file\.pha: .*HDU {unit}|file\.pha: .*hdu {unit}"):
        oda.open(path)


def test_an_image_of_too_many_pixels_is_refused_packed_or_not(tmp_path: Path) -> None:
    tiles = fits.CompImageHDU(np.zeros((20, 20), np.float32), name="ISGR-MOSA-IMA")
    fits.HDUList([fits.PrimaryHDU(), tiles]).writeto(tmp_path / "tiles.fits")
    content = (tmp_path / "tiles.fits").read_bytes()
    for axis in ("ZNAXIS1", "ZNAXIS2"):
        content = with_card(content, axis, "1000000", 1)
    (tmp_path / "tiles.fits").write_bytes(content)
    with pytest.raises(DamagedFile, match="1,000,000,000,000 pixels"):
        oda.open(tmp_path / "tiles.fits")


def variable_rows(pointers: list[tuple[int, int]], heap: int) -> bytes:
    """Return a table whose only column has arrays of given lengths and places in the heap."""
    column = fits.Column("MATRIX", "1PE(5)", array=[np.zeros(1, np.float32)] * len(pointers))
    hdu = fits.BinTableHDU.from_columns([column], name="MATRIX")
    header = hdu.header.copy()
    header["PCOUNT"] = heap
    data = np.array(pointers, ">i4").tobytes() + bytes(heap)
    first = fits.PrimaryHDU().header.tostring().encode()
    return first + header.tostring().encode() + data.ljust(-(-len(data) // 2880) * 2880, b"\0")


@pytest.mark.parametrize(
    ("pointers", "words"),
    [
        ([(1, 0), (2, 1 << 30)], "outside of its heap"),
        ([(1 << 30, 0)], "outside of its heap"),
        ([(-1, 0)], "outside of its heap"),
        ([(1 << 18, 0)] * 1000, "arrays of its hdu 1 have 1,048,576,000 bytes"),
    ],
)
def test_arrays_of_variable_length_stay_in_their_heap(
    tmp_path: Path, pointers: list[tuple[int, int]], words: str
) -> None:
    (tmp_path / "file.rmf").write_bytes(variable_rows(pointers, heap=1 << 20))
    with pytest.raises(DamagedFile, match=words):
        oda.Response.read(tmp_path / "file.rmf")


@pytest.mark.parametrize("name", ["file.fits", "file.ecsv"])
def test_gzip_that_unpacks_to_gigabytes_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(MEMBER * 4000)
    with pytest.raises(DamagedFile, match=r"unpacks to more than 200 times its size"):
        oda.open(tmp_path / name)


def test_a_file_larger_than_any_that_is_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "large.fits").write_bytes(bytes(3 << 20))
    with pytest.raises(DamagedFile, match=r"large\.fits: It has more than 2 MB, unpacked"):
        read_content(tmp_path / "large.fits", largest=2 << 20)


def test_what_is_no_fits_after_the_last_unit_is_left_out(tmp_path: Path) -> None:
    content = (FILES / "base.rmf").read_bytes()
    (tmp_path / "more.rmf").write_bytes(content + b"more".ljust(2880))
    with pytest.warns(FileWarning, match="is not FITS and was left out"):
        found = oda.Response.read(tmp_path / "more.rmf", FILES / "base.arf")
    assert len(found.channel_low) == 40


TABLE = """<VOTABLE version="1.3"{start}<RESOURCE><TABLE{rows}>
<FIELD name="name" datatype="char" arraysize="{size}"/><FIELD name="ra" datatype="double"/>
<FIELD name="dec" datatype="double"/><DATA>{data}</DATA></TABLE></RESOURCE></VOTABLE>"""
DATA = "<TABLEDATA><TR><TD>Crab</TD><TD>83.6</TD><TD>22</TD></TR></TABLEDATA>"
USUAL = {"start": ">", "rows": "", "size": "*", "data": DATA}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"data": '<BINARY><STREAM href="http://127.0.0.1:1/x"/></BINARY>'}, "address"),
        ({"data": '<BINARY2><STREAM href="file:///etc/passwd"/></BINARY2>'}, "address"),
        ({"data": '<FITS><STREAM href="file:///etc/passwd"/></FITS>'}, "FITS"),
        ({"data": '<PARQUET type="x"><STREAM href="file:x"/></PARQUET>'}, "PARQUET"),
        ({"data": '<BINARY><STREAM encoding="gzip">aaaa</STREAM></BINARY>'}, "packed"),
        ({"rows": ' nrows="4000000000"'}, "nrows"),
        ({"rows": ' nrows="many"'}, "nrows"),
        ({"size": "4000000000"}, "arraysize"),
        ({"size": "30000x30000"}, "arraysize"),
        ({"data": '<FIELD name="x" datatype="int"/>' * 1000}, "999 columns"),
        ({"start": ">" + "<INFO/>" * 50_000}, "50,000 elements"),
        ({"start": ">" + "<RESOURCE>" * 2000 + "</RESOURCE>" * 2000}, "40 deep"),
    ],
)
def test_a_votable_opens_nothing_and_announces_no_more_than_it_holds(
    tmp_path: Path, changed: dict[str, str], words: str
) -> None:
    path = tmp_path / "catalogue.vot"
    path.write_text(TABLE.format(**USUAL))
    assert oda.read_catalog(path).names == ("Crab",)
    path.write_text(TABLE.format(**USUAL | changed))
    with pytest.raises(DamagedFile, match=words):
        oda.read_catalog(path)


@pytest.mark.parametrize("declared", ['x "ha"', 'x SYSTEM "file:///etc/passwd"', '% y "<!ENTITY>"'])
def test_a_votable_defines_no_entities(tmp_path: Path, declared: str) -> None:
    head = f'<?xml version="1.0"?><!DOCTYPE VOTABLE [<!ENTITY {declared}>]>'
    (tmp_path / "catalogue.vot").write_text(head + TABLE.format(**USUAL))
    with pytest.raises(DamagedFile, match="entity"):
        oda.read_catalog(tmp_path / "catalogue.vot")


def zipped(content: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("member", content)
    return buffer.getvalue()


PACKERS = {
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "gzip": lambda content: gzip.compress(gzip.compress(content)),
    "zip": zipped,
}


@pytest.mark.parametrize("once", [bytes, gzip.compress])
@pytest.mark.parametrize("packer", PACKERS)
def test_no_reader_unpacks_what_was_not_checked(
    tmp_path: Path, packer: str, once: Callable[[bytes], bytes]
) -> None:
    words = rf"It is packed \(with {packer}\), and not once with gzip"
    for name, read in (
        *((f"file{suffix}", oda.read_catalog) for suffix in (".vot", ".xml", ".ecsv", ".csv")),
        *((f"file{suffix}", oda.read_catalog) for suffix in (".dat", ".reg", ".fits", ".fits.gz")),
        *((f"file.{kind.__name__}", kind.read) for kind in (oda.Spectrum, oda.LightCurve)),
        *((f"file.{kind.__name__}", kind.read) for kind in (oda.Response, oda.SkyImage)),
        ("file.vot", oda.open),
        ("file", oda.open),
    ):
        (tmp_path / name).write_bytes(once(PACKERS[packer](TABLE.format(**USUAL).encode())))
        with pytest.raises(DamagedFile, match=words):
            read(tmp_path / name)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, *PACKERS.values()])
def test_no_address_in_a_packed_votable_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    opened: list[Any] = []
    monkeypatch.setattr("urllib.request.urlopen", opened.append)
    data = '<BINARY><STREAM href="http://127.0.0.1:1/x"/></BINARY>'
    (tmp_path / "file.vot").write_bytes(pack(TABLE.format(**USUAL | {"data": data}).encode()))
    with pytest.raises(DamagedFile):
        oda.read_catalog(tmp_path / "file.vot")
    assert opened == []


@pytest.mark.parametrize("content", [b"", b"name,ra,dec", b"\0" * 99, b"<VOTABLE>", b"<A/><B/>"])
def test_what_is_no_xml_is_no_votable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.delattr("oda_widgets.products.files.catalog_file.parse")  # it is not asked
    (tmp_path / "file.vot").write_bytes(content)
    with pytest.raises(DamagedFile, match="It is no VOTable"):
        oda.read_catalog(tmp_path / "file.vot")


def test_a_votable_of_thousands_of_tables_is_refused(tmp_path: Path) -> None:
    table = TABLE.format(**USUAL).partition("<TABLE>")[2].partition("</TABLE>")[0]
    data = f"</DATA></TABLE>{f'<TABLE>{table}</TABLE>' * 300}<TABLE><DATA>{DATA}"
    (tmp_path / "file.vot").write_text(TABLE.format(**USUAL | {"data": data}))
    with pytest.raises(DamagedFile, match="more than 200 tables"):
        oda.read_catalog(tmp_path / "file.vot")


def ecsv(meta: str) -> str:
    columns = "".join(f"# - {{name: {n}, datatype: {t}}}\n" for n, t in
                      (("name", "string"), ("ra", "float64"), ("dec", "float64")))  # fmt: skip
    return f"# %ECSV 1.0\n# ---\n# datatype:\n{columns}{meta}name ra dec\nCrab 83.6 22.0\n"


@pytest.mark.parametrize(
    ("meta", "words"),
    [
        ("# meta: {a: [" + "x, " * 100_000 + "x]}\n", "200,000 characters"),
        ("# meta: {a: [" + "x," * 40_000 + "x]}\n", "30,000 parts"),
        ("# meta: {a: " + "[" * 3000 + "]" * 3000 + "}\n", "40 deep"),
        ("# meta: {a: &x [1], b: &y [*x, *x], c: [*y, *y]}\n", "aliases"),
        ("# meta: {a: &x [*x]}\n", "aliases"),
        ("# meta: {a: &x [" + "1," * 1000 + "1], b: [" + "*x, " * 40 + "*x]}\n", "30,000 parts"),
    ],
)
def test_the_header_of_ecsv_is_small_and_flat(tmp_path: Path, meta: str, words: str) -> None:
    path = tmp_path / "catalogue.ecsv"
    path.write_text(ecsv("# meta: {a: &x [1, 2], b: [*x, *x]}\n"))
    assert oda.read_catalog(path).names == ("Crab",)
    path.write_text(ecsv(meta))
    with pytest.raises(DamagedFile, match=words):
        oda.read_catalog(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("catalogue.csv", b"name,ra,dec\n" + b"\n" * 400_000),
        ("catalogue.dat", b"name ra dec\n" + b"x" * (5 << 20)),
        ("catalogue.reg", b"fk5;" + b"circle(1,2,3);" * 30_000),
        ("catalogue.csv", b"name,ra,dec" + b"," * 4_000_000),
        ("catalogue.dat", b"name ra dec" + b" x" * 1000),
    ],
)
def test_a_text_too_long_to_be_read_in_seconds_is_refused(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DamagedFile, match="more than"):
        oda.read_catalog(tmp_path / name)


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/x", "ftp://127.0.0.1/x", "/etc/passwd"])
@pytest.mark.parametrize("keyword", ["BACKFILE", "RESPFILE", "ANCRFILE"])
def test_no_file_that_a_header_names_elsewhere_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keyword: str, address: str
) -> None:
    path = tmp_path / "file.pha"
    path.write_bytes(with_card((FILES / "base.pha").read_bytes(), keyword, f"'{address}'", 1))
    opened: list[Any] = []
    real: Callable[..., Any] = os.open
    monkeypatch.setattr(os, "open", lambda p, *a, **k: opened.append(Path(p)) or real(p, *a, **k))
    given = {"RESPFILE": {}, "ANCRFILE": {"rmf": FILES / "base.rmf"}}
    options = given.get(keyword, {"rmf": FILES / "base.rmf", "arf": FILES / "base.arf"})
    with pytest.warns(FileWarning) if options else pytest.raises(oda.OdaError):
        oda.Spectrum.read(path, **options)
    assert path in opened
    assert {p.name for p in opened} <= {"file.pha", "base.rmf", "base.arf"}


@pytest.mark.parametrize("suffix", [".ecsv", ".csv", ".tsv", ".dat", ".vot"])
def test_a_file_that_holds_an_address_opens_nothing(tmp_path: Path, suffix: str) -> None:
    """Readers of tables take a text of one line for the name of a file, or for an address."""
    secret, path = tmp_path / f"secret{suffix}", tmp_path / f"catalogue{suffix}"
    oda.write_catalog(CATALOG, tmp_path / "secret.ecsv")
    secret.write_bytes((tmp_path / "secret.ecsv").read_bytes())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        port = listener.getsockname()[1]
        for text in (str(secret), secret.as_uri(), f"http://127.0.0.1:{port}/x{suffix}", ""):
            path.write_text(text)
            with pytest.raises(DamagedFile) as refusal:
                oda.read_catalog(path)
            assert "No such file" not in str(refusal.value)
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.parametrize("read", [read_content, oda.open, oda.read_catalog, oda.Spectrum.read])
def test_gzip_in_more_parts_than_any_program_makes_is_refused(
    read: Callable[[Path], Any], tmp_path: Path
) -> None:
    path = tmp_path / "empty.fits.gz"
    path.write_bytes(gzip.compress(b"") * 30_000)
    with pytest.raises(DamagedFile, match="packed in more than 20,000 parts"):
        read(path)


def wide_table() -> fits.BinTableHDU:
    """Return a light curve among many columns."""
    kinds = [(f"C{n}", ">f8") for n in range(100)]
    kinds += [(name, ">f8") for name in ("TIME", "RATE", "ERROR")]
    cards = {"MJDREF": 53000.0, "TIMEDEL": 1.0, "TIMEUNIT": "d", "E_MIN": 20.0, "E_MAX": 40.0}
    rows = np.zeros(16_000, kinds)
    rows["TIME"] = np.arange(16_000)
    return fits.BinTableHDU(rows, fits.Header(cards))


def large_maps() -> list[Any]:
    """Return an image whose maps have a million pixels."""
    small = fits.open(BytesIO(encode(image_hdus(make_image()), compress=False)))
    del small[0].header["CREATOR"]  # of a file of ours the checksums would disagree
    for hdu in small[1:]:
        if hdu.is_image:
            hdu.data = np.ones((1000, 1000), np.float32)
    return list(small)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("read", [oda.open, None])
@pytest.mark.parametrize(
    ("kind", "made"),
    [
        (oda.LightCurve, lambda: [fits.PrimaryHDU(), wide_table()]),
        (oda.SkyImage, large_maps),
    ],
)
def test_a_large_file_takes_few_times_its_size_of_memory(
    tmp_path: Path, kind: Any, made: Callable[[], list[Any]], read: Any
) -> None:
    path = tmp_path / "large.fits"
    fits.HDUList(made()).writeto(path)
    (read or kind.read)(path)  # what is imported meanwhile does not count
    gc.collect()
    tracemalloc.start()
    try:
        assert isinstance((read or kind.read)(path), kind)
        assert tracemalloc.get_traced_memory()[1] < 3.2 * path.stat().st_size
    finally:
        tracemalloc.stop()
