"""JEM-X through the public face: the simulated mission's is analysed, a real one is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.cli.main import main
from oda_widgets.errors import BadParameter, EmptySelection, OdaError
from oda_widgets.panels.known_windows import kept_windows
from oda_widgets.request.instruments import described
from tests.archive.mirror.served import write_rows
from tests.patience import PATIENCE
from tests.servers.archive_server import ArchiveServer, serving_archive
from tests.servers.our_server import serving

WHEN = 1198.0
NAMES = ["Crab", "1A 0535+262"]
WINDOWS = ["083500090010.001", "083500100010.001"]


@pytest.fixture
def mission(tmp_path: Path) -> Iterator[ArchiveServer]:
    """Give an archive on a server: one window, in which JEM-X1 was on and JEM-X2 was off."""
    places = ["../../scw/0066/006600220010.001/swg.fits"]
    numbers = {"TSTART": [WHEN], "TSTOP": [WHEN + 0.02], "RA_SCX": [83.6], "DEC_SCX": [22.0]}
    numbers |= {"RA_SCZ": [353.6], "DEC_SCZ": [0.0], "JMX1MODE": [41.0], "JMX2MODE": [11.0]}
    write_rows(tmp_path / "served", places, numbers)
    (tmp_path / "served" / "scw" / "0066").mkdir(parents=True)
    with serving_archive(tmp_path / "served") as server:
        yield server


@pytest.fixture(scope="module")
def site() -> oda.Site:
    return oda.connect(archive="simulated", executor="none")


@pytest.fixture(scope="module")
def image(site: oda.Site) -> oda.SkyImage:
    return site.image("Crab", WINDOWS, instrument="jemx1", energy=(3, 20))


def test_mosaic_shows_its_sources(image: oda.SkyImage) -> None:
    crab, other = image.catalog
    assert (crab.name, other.name) == tuple(NAMES)
    assert crab.significance > 500
    assert crab.flux == pytest.approx(123, rel=0.02)


def test_products_say_that_mask_and_response_are_stand_ins(
    image: oda.SkyImage, tmp_path: Path
) -> None:
    assert "SIMULATED" in repr(image)
    image.save(tmp_path / "image.fits")
    with fits.open(tmp_path / "image.fits") as units:
        header = "".join(repr(unit.header) for unit in units)
    assert "stand-in" in header.replace("'\nCONTINUE  '", "").replace("&", "")
    assert "SIMULATED" in header.upper()


def test_channels_of_a_spectrum_add_up_to_the_light_curve(site: oda.Site) -> None:
    spectrum = site.spectra(WINDOWS, catalog=NAMES, instrument="jemx1")["Crab"]
    curve = site.light_curves(
        WINDOWS, catalog=NAMES, instrument="jemx1", energy=(3.04, 34.88), time_bin=100
    )["Crab"]
    mean = np.average(curve.rate, weights=curve.error**-2.0)
    assert spectrum.rate.shape == (16,)
    assert mean == pytest.approx(spectrum.rate.sum(), rel=0.01)
    assert spectrum.response.simulated
    assert "nominal" in spectrum.response.origin


def test_units_have_events_of_their_own(site: oda.Site) -> None:
    curves = [
        site.light_curves(WINDOWS[:1], catalog=["Crab"], instrument=name, time_bin=100)["Crab"]
        for name in ("jemx1", "jemx2")
    ]
    assert not np.array_equal(curves[0].rate, curves[1].rate)


def test_real_events_are_refused_in_words_that_name_who_can_answer() -> None:
    site = oda.connect(archive="sample", executor="none")
    with pytest.raises(BadParameter, match=r"tables of the aperture.*Ask a dispatcher"):
        site.image(windows="255900280010.001", instrument="jemx1", energy=(3, 20))


def test_jem_x_of_a_real_window_is_asked_for_and_nothing_is_fetched(mission: ArchiveServer) -> None:
    site = oda.connect(archive=mission.address, executor="none")
    (window,) = site.science_windows(instrument="jemx1")
    asked = len(mission.files_asked)
    for call in (site.plan, lambda query: site.submit(query).result()):
        with pytest.raises(BadParameter, match=r"is real: the tables of the aperture"):
            call(oda.ImageQuery(science_windows=(window.id,), energy=(3, 20), instrument="jemx1"))
    assert len(mission.files_asked) == asked


@pytest.mark.parametrize("door", ["search", "image", "plan", "command line", "server", "page"])
def test_a_unit_that_was_off_is_said_to_have_been_off(
    door: str, mission: ArchiveServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """JMX2MODE of the index of the archive is not that of a unit that takes data."""
    site = oda.connect(archive=mission.address, executor="none")
    identifier = site.science_windows().ids[0]
    query = oda.ImageQuery(science_windows=(identifier,), energy=(3, 20), instrument="jemx2")
    words = f"JEM-X2 was off in science window {identifier} (JMX2MODE)"
    if door == "search":
        with pytest.raises(EmptySelection, match="JEM-X2 was off in all 1 science window"):
            site.science_windows(instrument="jemx2")
    elif door == "command line":
        given = ["image", "--archive", mission.address, "--windows", identifier]
        given += ["--instrument", "jemx2", "--energy", "3", "20", "--out", str(tmp_path / "x.fits")]
        assert main(given) != 0
        assert words in capsys.readouterr().err
    elif door == "page":
        kept = kept_windows(site, (identifier,), None, described("jemx2"))
        assert "1 without data of JEM-X2" in kept.account
    elif door == "server":
        with serving(mission.address, tmp_path / "jobs") as server:
            remote = oda.connect(server.address, token="")
            with pytest.raises(OdaError, match=re.escape(words)):
                remote.submit(query).result(PATIENCE)
    else:
        with pytest.raises(BadParameter, match=re.escape(words)):
            site.plan(query) if door == "plan" else site.submit(query).result()
