"""Lists of a mirror: its index of windows, HEASARC's table, and the pages of its folders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from oda_widgets.archive.mirror.heasarc_table import heasarc_columns
from oda_widgets.archive.mirror.listing import Listings
from oda_widgets.archive.mirror.sun import axis_to_sun
from oda_widgets.archive.mirror.window_list import read_index, windows_of
from oda_widgets.archive.sample import SampleArchive
from oda_widgets.errors import DamagedFile, ServiceError
from oda_widgets.lookup.sphere import separations
from tests.archive.mirror.conftest import WINDOWS, OpenMirror
from tests.archive.mirror.served import write_index, write_rows
from tests.servers.archive_server import ArchiveServer, serving_archive

GOOD = {
    "TSTART": 1198.0,
    "TSTOP": 1198.02,
    "RA_SCX": 83.6,
    "DEC_SCX": 22.0,
    "RA_SCZ": 353.6,
    "DEC_SCZ": 0.0,
}
PLACE = "../../scw/0066/006600220010.001/swg.fits"


def listed(folder: Path, rows: list[tuple[str, dict[str, float]]]) -> list[str]:
    """Return the windows that are read from an index with some rows."""
    places = [place for place, _ in rows]
    numbers = {name: [(GOOD | row)[name] for _, row in rows] for name in GOOD}
    return [w.id for w in windows_of(read_index(write_rows(folder, places, numbers)))]


@pytest.mark.parametrize(
    "nonsense",
    [
        {"TSTART": np.nan},
        {"TSTOP": 1197.0},
        {"TSTOP": 1300.0},
        {"RA_SCX": np.inf},
        {"RA_SCX": 999.0},
        {"DEC_SCX": -91.0},
        {"TSTART": -1e300, "TSTOP": 1e300},
    ],
)
def test_rows_of_nonsense_are_left_out(nonsense: dict[str, float], tmp_path: Path) -> None:
    other = PLACE.replace("0022", "0023")
    assert listed(tmp_path, [(PLACE, nonsense), (other, {})]) == ["006600230010.001"]


@pytest.mark.parametrize(
    "place",
    [
        "",
        "swg.fits",
        "../../scw/0067/006600220010.001/swg.fits",
        "../../scw/0066/../006600220010.001/swg.fits",
        "../../scw/0066/006600220010/swg.fits",
        "../../scw/0066/006600220011.001/swg.fits",
        "../../scw/0066/00660022001x.001/swg.fits",
    ],
)
def test_places_that_are_no_pointing_are_left_out(place: str, tmp_path: Path) -> None:
    assert listed(tmp_path, [(place, {})]) == []


def test_of_several_versions_the_highest_is_listed(tmp_path: Path) -> None:
    rows = [(PLACE.replace(".001", version), {}) for version in (".001", ".003", ".002")]
    assert listed(tmp_path, rows) == ["006600220010.003"]


def test_two_hundred_thousand_rows_of_which_some_are_nonsense(tmp_path: Path) -> None:
    number = 200_000
    rng = np.random.default_rng(5)
    names = [f"{i // 80:04d}{i % 80:04d}0010" for i in range(number)]
    start = 1000 + 0.02 * np.arange(number)
    bad = rng.random(number) < 0.01
    numbers = {
        "TSTART": np.where(bad, np.nan, start),
        "TSTOP": start + 0.02,
        "RA_SCX": rng.uniform(0, 360, number),
        "DEC_SCX": rng.uniform(-90, 90, number),
        "RA_SCZ": rng.uniform(0, 360, number),
        "DEC_SCZ": rng.uniform(-90, 90, number),
    }
    places = [f"../../scw/{name[:4]}/{name}.001/swg.fits" for name in names]
    found = windows_of(read_index(write_rows(tmp_path, places, numbers)))
    assert [w.id[:12] for w in found] == [n for n, b in zip(names, bad, strict=True) if not b]


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "index.fits"
    path.write_bytes(b"SIMPLE  = nothing of the kind")
    with pytest.raises(DamagedFile, match="is not an index of science windows"):
        read_index(path)


@pytest.mark.parametrize("rows", [9_999_999_999, 10])
def test_an_index_that_announces_more_than_is_there_is_refused(rows: int, tmp_path: Path) -> None:
    path = write_rows(tmp_path, [PLACE], {name: [value] for name, value in GOOD.items()})
    announced = f"NAXIS2  = {rows:>20}".encode()
    path.write_bytes(path.read_bytes().replace(b"NAXIS2  =                    1", announced))
    with pytest.raises(DamagedFile, match=r"is not an index .*(announces more data|is truncated)"):
        read_index(path)


def test_an_index_that_changed_is_fetched_again_the_next_day(
    server: ArchiveServer, mirror_at: OpenMirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = len(mirror_at(server.address).science_windows())
    write_index(server.root, mirror_at(server.address).science_windows()[:3])
    assert len(mirror_at(server.address).science_windows()) == number
    monkeypatch.setattr("oda_widgets.archive.mirror.archive._FRESH", 0.0)
    assert len(mirror_at(server.address).science_windows()) == 3
    server.asked.clear()
    assert len(mirror_at(server.address).science_windows()) == 3
    assert [line.partition(" ")[0] for line in server.asked] == ["HEAD"]


def test_an_old_list_is_used_without_a_network(
    root: Path, mirror_at: OpenMirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving_archive(root) as server:
        listed = mirror_at(server.address).science_windows()
    monkeypatch.setattr("oda_widgets.archive.mirror.archive._FRESH", 0.0)
    assert mirror_at(server.address).science_windows() == listed


def test_links_that_lead_elsewhere_are_no_names(
    server: ArchiveServer, root: Path, mirror_at: OpenMirror
) -> None:
    for name in ("..%2f..%2fetc", "a b", "%2e%2e", "006600010010.001;x"):
        (root / "scw" / "0066" / name).mkdir()
    listings = Listings(mirror_at(server.address).transport)
    assert listings.names("scw/0066/") == set(WINDOWS)
    assert listings.names("scw/9999/") is None


def test_the_z_axis_points_to_the_sun() -> None:
    (window,) = SampleArchive().science_windows()
    ra, dec = axis_to_sun([window.start], [window.ra], [window.dec])
    assert separations(ra, dec, window.ra_z, window.dec_z)[0] < 1.0


def test_heasarcs_table_is_read_as_an_index() -> None:
    rows = Table(
        {
            "scw_id": ["006600220010", "006600220021", "junk"],
            "scw_ver": ["001", "001", "001"],
            "ra": [83.6, 83.6, 83.6],
            "dec": [22.0, 22.0, 22.0],
            "start_date": [52742.0, 52742.0, 52742.0],
            "end_date": [52742.02, 52742.02, 52742.02],
            "good_isgri": [1700.0, 0.0, 1.0],
        }
    )
    (window,) = windows_of(heasarc_columns(lambda: rows))
    assert (window.id, window.good_time) == ("006600220010.001", 1700.0)
    assert window.start == pytest.approx(1198.0 + 64.184 / 86400, abs=1e-9)  # UTC is behind TT
    with pytest.raises(ServiceError, match="has changed"):
        heasarc_columns(lambda: rows["ra", "dec"])


def test_the_mode_of_a_unit_says_in_which_windows_it_was_on(tmp_path: Path) -> None:
    places = [
        f"../../scw/0452/{name}/swg.fits" for name in ("045200530010.001", "045200540010.001")
    ]
    numbers = {"TSTART": [2400.0, 2400.1], "TSTOP": [2400.04, 2400.14], "RA_SCX": [83.6, 83.6]}
    numbers |= {"DEC_SCX": [22.0, 22.0], "RA_SCZ": [173.0, 173.0], "DEC_SCZ": [0.0, 0.0]}
    modes = {"JMX1MODE": [41.0, 41.0], "JMX2MODE": [41.0, 11.0]}
    windows = windows_of(read_index(write_rows(tmp_path, places, numbers | modes)))
    assert [window.seen_by("jemx1") is not None for window in windows] == [True, True]
    assert [window.seen_by("jemx2") is not None for window in windows] == [True, False]
    without = windows_of(read_index(write_rows(tmp_path, places, numbers)))
    assert without[0].seen_by("jemx1") is None
