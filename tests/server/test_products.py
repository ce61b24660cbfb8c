"""Products of the server: their sources, and their files."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits

import oda_widgets as oda
from tests.servers.our_server import OurServer


@pytest.fixture(scope="module")
def common(three_windows: Path) -> dict[str, Any]:
    """Give what all questions share: one window, a band, no position and no catalogue."""
    window = oda.connect(archive=three_windows).science_windows().ids[0]
    return {"instrument": "isgri", "scw_list": window, "E1_keV": "28", "E2_keV": "80"}


def test_without_a_catalogue_the_sources_are_those_of_the_image(
    server: OurServer, common: dict[str, Any]
) -> None:
    image = server.done(**common, product_type="isgri_image")["products"]
    found = image["catalog"]["cat_column_list"][1]
    spectra = server.done(**common, product_type="isgri_spectrum")["products"]
    kinds = [product["meta_data"] for product in spectra["numpy_data_product_list"]]
    assert found
    assert kinds == [
        f'{{"src_name": "{name}", "product": "isgri_{kind}"}}'
        for name in found
        for kind in ("spectrum", "arf", "rmf")
    ]


def job_of(answer: dict[str, Any]) -> str:
    job: str = answer["job_monitor"]["job_id"]
    return job


def unpacked(content: bytes, folder: Path) -> list[Path]:
    """Return the files of an archive that was downloaded."""
    paths = []
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive:
            file = archive.extractfile(member)
            assert file is not None
            path = folder / member.name
            assert path.resolve().is_relative_to(folder.resolve())
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.read())
            paths.append(path)
    return sorted(paths)


def test_the_files_of_an_image_are_those_of_the_dispatcher(
    server: OurServer,
    common: dict[str, Any],
    tmp_path: Path,
    fitsverify: Callable[[Path], None],
) -> None:
    answer = server.done(**common, product_type="isgri_image")
    names = answer["products"]["file_name"]
    assert names == ["isgri_query_mosaic.fits", "query_catalog.fits", "query_catalog.reg"]
    sent = server.ask(
        "/download_products",
        job_id=job_of(answer),
        session_id=answer["session_id"],
        query_status="done",
        instrument="isgri",
        file_list=",".join(names),
        download_file_name=answer["products"]["download_file_name"],
    )
    assert sent.headers["content-type"] == "application/gzip"
    assert sent.headers["content-disposition"] == 'attachment; filename="image.tar.gz"'
    files = unpacked(sent.content, tmp_path)
    assert [str(file.relative_to(tmp_path)) for file in files] == [f"image/{n}" for n in names]
    for file in files[:2]:
        with fits.open(file) as hdus:
            hdus.verify("exception")
        fitsverify(file)
    image = oda.SkyImage.read(files[0])
    listed = answer["products"]["catalog"]["cat_column_list"][1]
    assert list(image.catalog.names) == list(oda.read_catalog(files[1]).names) == listed
    assert all(name in files[2].read_text() for name in listed)
    assert image.observation.science_windows == (common["scw_list"],)


def test_spectra_come_with_their_responses_and_light_curves_as_one_file(
    server: OurServer,
    common: dict[str, Any],
    tmp_path: Path,
    fitsverify: Callable[[Path], None],
) -> None:
    catalog = json.dumps(
        {
            "cat_column_names": ["meta_ID", "src_names", "significance", "ra", "dec"],
            "cat_column_list": [[0, 1], ["A+1", "../A p1"], [9, 9], [77.3, 79.0], [23.8, 23.0]],
        }
    )
    asked = common | {"selected_catalog": catalog}
    spectra = server.done(**asked, product_type="isgri_spectrum")
    sent = server.ask("/download_products", job_id=job_of(spectra))
    files = unpacked(sent.content, tmp_path / "spectra")
    assert [file.name for file in files] == [
        f"isgri_spectrum_{name}{part}.fits"
        for name in ("A_p1", "Ap1")
        for part in ("", "_arf", "_rmf")
    ]
    for file in files:
        fitsverify(file)
    assert oda.Spectrum.read(files[3]).source.name == "A+1"
    curves = server.done(**asked, product_type="isgri_lc", time_bin="20")
    packed = server.ask(
        "/download_products",
        job_id=job_of(curves),
        file_list="isgri_lc_Ap1.fits",
        download_file_name="light_curve.fits.gz",
    )
    curve = tmp_path / "light_curve.fits"
    curve.write_bytes(gzip.decompress(packed.content))
    fitsverify(curve)
    assert len(oda.LightCurve.read(curve)) == 3
    plain = server.ask(
        "/download_products",
        job_id=job_of(curves),
        file_list="isgri_lc_Ap1.fits",
        return_archive="False",
    )
    assert plain.content == curve.read_bytes()
    assert plain.headers["content-type"] == "application/fits"
    both = server.ask("/download_products", job_id=job_of(curves), return_archive="False")
    assert "there are 2 files" in both.json()["error"]


@pytest.mark.parametrize(
    "name",
    [
        *("../../secret", "../jobs.sqlite", "/etc/passwd", "isgri_query_mosaic.fits/../../secret"),
        *("%2e%2e/secret", "\x00", "isgri_query_mosaic.fits\x00.reg", ".", "..", "," * 3000),
    ],
)
def test_no_other_file_is_ever_sent(server: OurServer, common: dict[str, Any], name: str) -> None:
    answer = server.done(**common, product_type="isgri_image")
    sent = server.ask("/download_products", job_id=job_of(answer), file_list=name)
    assert sent.status_code == 400
    assert "file_list=" in sent.json()["error"]
    named = server.ask(
        "/download_products",
        job_id=job_of(answer),
        file_list="query_catalog.reg",
        download_file_name=f'"; filename="{name}',
    )
    assert named.status_code == 200
    shown = named.headers["content-disposition"].removeprefix('attachment; filename="')
    assert set(shown.removesuffix('"')).isdisjoint('"/\\;\r\n')


def test_files_that_are_gone_are_made_again(server: OurServer, common: dict[str, Any]) -> None:
    asked = common | {"product_type": "isgri_image", "E1_keV": "29"}
    job = job_of(server.done(**asked))
    shutil.rmtree(server.folder / "answers" / f"{job}.files")
    gone = server.ask("/download_products", job_id=job)
    assert "its products are gone" in gone.json()["error"]
    assert server.done(**asked)["products"]["file_name"]
    assert server.ask("/download_products", job_id=job).status_code == 200


def test_a_position_without_a_name_names_no_source(
    server: OurServer, common: dict[str, Any], three_windows: Path
) -> None:
    """The name of the default parameters is that of another source."""
    window = oda.connect(archive=three_windows).science_windows()[0]
    asked = {name: value for name, value in common.items() if name != "scw_list"}
    position = {"RA": str(window.ra), "DEC": str(window.dec), "max_pointings": "1"}
    times = {"T1": "2003-03-15T23:27:40.0", "T2": "2028-03-16T00:03:15.0"}
    answer = server.done(**asked, **position, **times, product_type="isgri_image")
    assert answer["query_status"] == "done", answer["exit_status"]
    names = answer["products"]["catalog"]["cat_column_list"][1]
    assert names
    assert "1E 1740.7-2942" not in names
