"""Units, reference times, OGIP's defaults and optional metadata, in all their combinations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import astropy.units as u
import numpy as np
import pytest
from astropy.io import fits
from astropy.time import Time
from hypothesis import given, settings
from hypothesis import strategies as st

import oda_widgets as oda
from oda_widgets.errors import BadParameter, DamagedFile, FileWarning
from oda_widgets.products.files.columns import integer_column
from oda_widgets.products.files.times import time_frame
from oda_widgets.products.files.units import COUNT_RATE, converted
from tests.products.test_files_of_others import BASE, FILES, RATE, beside

RMF, ARF = FILES / "base.rmf", FILES / "base.arf"


@settings(max_examples=60, deadline=None)
@given(
    whole=st.sampled_from([0, 40000, 44239, 51544, 51910, 55197]),
    rest=st.floats(0, 1, exclude_max=True),
    split=st.booleans(),
    unit=st.sampled_from(["s", "d", "h", "min", "yr"]),
    scale=st.sampled_from(["TT", "UTC", "TDB", "TAI"]),
    zero=st.floats(-1e4, 1e4),
    days=st.floats(1, 9999),
)
def test_times_are_those_of_astropy(
    whole: int,
    rest: float,
    split: bool,  # noqa: FBT001
    unit: str,
    scale: str,
    zero: float,
    days: float,
) -> None:
    """The instant is counted from the reference, wherever and however that is stated."""
    since = (51544.0 + days) - (whole + rest)
    number = (since * u.d).to_value(unit) - zero
    reference = {"MJDREFI": whole, "MJDREFF": rest} if split else {"MJDREF": whole + rest}
    header = fits.Header({"TIMEUNIT": unit, "TIMESYS": scale, "TIMEZERO": zero} | reference)
    expected = Time(51544.0, days, format="mjd", scale=scale.lower()).tt
    found = time_frame(header).ijd(np.array([number]))[0]
    seconds = (found - (expected.jd1 - 2451544.5) - expected.jd2) * 86400
    assert abs(seconds) < 5e-3  # seconds since 1858 have no more digits


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ({"MJDREF": 51544.0, "TIMESYS": "MARS"}, "TIMESYS = MARS"),
        ({"MJDREF": 51544.0, "TIMEUNIT": "smoot", "TIMEZERO": 3.0}, "smoot"),
        ({"TELESCOP": "NuSTAR", "TIMEUNIT": "s"}, "MJDREF"),
        ({"DATEREF": "long ago"}, "DATEREF = long ago"),
    ],
)
def test_unknown_times_are_refused_by_name(header: dict[str, Any], says: str) -> None:
    with pytest.raises(DamagedFile, match=says):
        time_frame(fits.Header(header), np.array([5e8])).ijd(np.array([5e8]))


@pytest.mark.parametrize(
    ("header", "mjd"),
    [
        ({"JDREF": 2451544.5, "TIMEUNIT": "d"}, 51545.0),
        ({"DATEREF": "2000-01-01T00:00:00", "TIMEUNIT": "d"}, 51545.0),
        ({"MJDREF": 51544.0, "TIMEUNIT": "s"}, 51544 + 1 / 86400),
        ({"MJDREF": 51544.0}, 51545.0),
        ({"MJDREF": 51544.0, "TELESCOP": "SWIFT"}, 51544 + 1 / 86400),
    ],
)
def test_references_may_be_stated_in_other_ways(header: dict[str, Any], mjd: float) -> None:
    assert time_frame(fits.Header(header)).ijd(np.array([1.0]))[0] == pytest.approx(mjd - 51544)


@pytest.mark.parametrize("fraction", [0.0, 0.25, 0.5, 1.0])
def test_times_stand_anywhere_in_their_bins(tmp_path: Path, fraction: float) -> None:
    with fits.open(FILES / "lc_nustar_seconds.fits") as hdus:
        hdus[1].data["TIME"] += (fraction - 0.5) * 100
        hdus[1].header["TIMEPIXR"] = fraction
        hdus.writeto(tmp_path / "curve.fits")
    curve = oda.LightCurve.read(tmp_path / "curve.fits")
    assert (curve.time[0] + 51544 - 58000) * 86400 == pytest.approx(0, abs=1e-4)


ENERGIES = ["eV", "keV", "MeV", "GeV", "TeV", "erg", "J", "KEV", "kev", "Angstrom", "nm", "Hz"]


@pytest.mark.parametrize("unit", ENERGIES)
def test_energies_may_be_in_any_unit_that_astropy_knows(tmp_path: Path, unit: str) -> None:
    known = u.Unit({"KEV": "keV", "kev": "keV"}.get(unit, unit))
    for path, name in ((RMF, "unit.rmf"), (ARF, "unit.arf")):
        with fits.open(path) as hdus:
            tables = (in_unit(hdu, unit, known) for hdu in hdus[1:])
            fits.HDUList([hdus[0], *tables]).writeto(tmp_path / name)
    ours, base = (
        oda.Response.read(rmf, arf)
        for rmf, arf in ((tmp_path / "unit.rmf", tmp_path / "unit.arf"), (RMF, ARF))
    )
    np.testing.assert_allclose(ours.channel_low, base.channel_low, rtol=1e-5)
    np.testing.assert_allclose(ours.energy_high, base.energy_high, rtol=1e-5)
    np.testing.assert_allclose(ours.area, base.area)
    np.testing.assert_allclose(ours.redistribution, base.redistribution)


def in_unit(hdu: fits.BinTableHDU, unit: str, known: Any) -> fits.BinTableHDU:
    """Return a table of energies in another unit."""
    columns = []
    for column in hdu.columns:
        if column.name in {"ENERG_LO", "ENERG_HI", "E_MIN", "E_MAX"}:
            values = (hdu.data[column.name].astype(float) * u.keV).to_value(known, u.spectral())
            columns.append(fits.Column(column.name, "D", unit, array=values))
        else:
            columns.append(column)
    return fits.BinTableHDU.from_columns(columns, header=hdu.header.copy(strip=True))


@pytest.mark.parametrize(("unit", "factor"), [("m**2", 1e-4), ("cm2", 1), ("mm^2", 100), ("", 1)])
def test_areas_may_be_in_any_unit(tmp_path: Path, unit: str, factor: float) -> None:
    with fits.open(ARF) as hdus:
        hdus[1].data["SPECRESP"] *= factor
        hdus[1].columns["SPECRESP"].unit = unit
        hdus.writeto(tmp_path / "unit.arf")
    expected = oda.Response.read(RMF, ARF).area
    np.testing.assert_allclose(oda.Response.read(RMF, tmp_path / "unit.arf").area, expected)


@pytest.mark.parametrize("name", ["E_MIN", "ENERG_LO"])
def test_an_unknown_unit_is_refused_by_name(tmp_path: Path, name: str) -> None:
    with fits.open(RMF) as hdus:
        table = hdus[1] if name == "E_MIN" else hdus[2]
        table.columns[name].unit = "smoot"
        hdus.writeto(tmp_path / "unit.rmf")
    with pytest.raises(DamagedFile, match=rf"{name} is 'smoot', which astropy does not know"):
        oda.Response.read(tmp_path / "unit.rmf", ARF)


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("count/s", 1),
        ("counts/sec", 1),
        ("ct s-1", 1),
        ("s**-1", 1),
        ("cps", 1),
        ("count/ks", 1e-3),
    ],
)
def test_count_rates_have_many_spellings(unit: str, factor: float) -> None:
    assert converted(1.0, unit, COUNT_RATE, "RATE") == pytest.approx(factor)


@pytest.mark.parametrize("unit", ["mCrab", "erg/cm2/s", "smoot"])
def test_rates_that_are_not_of_counts_are_refused_by_name(tmp_path: Path, unit: str) -> None:
    with fits.open(FILES / "lc_nustar_seconds.fits") as hdus:
        hdus[1].columns["RATE"].unit = unit
        hdus.writeto(tmp_path / "curve.fits")
    with pytest.raises(DamagedFile, match=unit):
        oda.LightCurve.read(tmp_path / "curve.fits")


def changed_rmf(path: Path, change: Any) -> Path:
    with fits.open(RMF) as hdus:
        change(hdus)
        hdus.writeto(path)
    return path


@pytest.mark.parametrize(
    ("f_chan", "tlmin"), [(0, 0), (1, 1), (1, None), (0, None), (5, 5), (1, 0)]
)
@pytest.mark.parametrize("first", [0, 1, 5])
def test_channels_count_from_anywhere(
    tmp_path: Path, f_chan: int, tlmin: int | None, first: int
) -> None:
    """OGIP: F_CHAN counts from TLMIN, or from 1; EBOUNDS may count otherwise."""

    def change(hdus: Any) -> None:
        hdus["EBOUNDS"].data["CHANNEL"] += first - 1
        hdus["MATRIX"].data["F_CHAN"] += f_chan - 1
        del hdus["MATRIX"].header["TLMIN4"]
        if tlmin is not None:
            hdus["MATRIX"].header["TLMIN4"] = tlmin

    read = oda.Response.read(changed_rmf(tmp_path / "first.rmf", change), ARF)
    assert read.first_channel == first
    if (f_chan, tlmin) != (1, 0):  # said otherwise by the file itself
        expected = oda.Response.read(RMF, ARF).redistribution
        np.testing.assert_allclose(read.redistribution, expected)


def test_blocks_of_a_matrix_may_have_bins_of_their_own(tmp_path: Path) -> None:
    def change(hdus: Any) -> None:
        coarse = hdus["MATRIX"].copy()
        coarse.data = coarse.data[::2].copy()
        coarse.data["ENERG_HI"] = hdus["MATRIX"].data["ENERG_HI"][1::2]
        hdus.append(coarse)

    whole = oda.Response.read(changed_rmf(tmp_path / "blocks.rmf", change), ARF)
    base = oda.Response.read(RMF, ARF)
    expected = base.redistribution + np.repeat(base.redistribution[::2], 2, axis=0)
    np.testing.assert_allclose(whole.redistribution * whole.area[:, None],
                               expected * base.area[:, None])  # fmt: skip


def test_matrices_for_several_times_are_chosen_by_number(tmp_path: Path) -> None:
    def change(hdus: Any) -> None:
        hdus["MATRIX"].header["TSTART"], hdus["MATRIX"].header["TSTOP"] = 0.0, 10.0
        later = hdus["MATRIX"].copy()
        later.data["MATRIX"] *= 0.5
        later.header["TSTART"], later.header["TSTOP"] = 10.0, 20.0
        hdus.append(later)

    rmf = changed_rmf(tmp_path / "times.rsp2", change)
    with pytest.raises(BadParameter, match=r"2 matrices.*1: 0\.0 to 10\.0; 2: 10\.0 to 20\.0"):
        oda.Response.read(rmf, ARF)
    first, second = (oda.Response.read(f"{rmf}{{{n}}}", ARF) for n in (1, 2))
    np.testing.assert_allclose(second.redistribution, 0.5 * first.redistribution)


def test_empty_and_gapped_bins_of_energy_are_mended(tmp_path: Path) -> None:
    def change(hdus: Any) -> None:
        hdus["MATRIX"].data["ENERG_LO"][10] *= 1.003
        hdus["MATRIX"].data["ENERG_HI"][0] = hdus["MATRIX"].data["ENERG_LO"][0]
        hdus["MATRIX"].header["HDUCLAS3"] = "FULL"

    with pytest.warns(FileWarning, match="empty|closed"):
        read = oda.Response.read(changed_rmf(tmp_path / "gap.rmf", change))
    np.testing.assert_allclose(read.energy_low[1:], read.energy_high[:-1])
    assert len(read.area) == 59


@pytest.mark.parametrize(
    "card", ["DATE-OBS= 2004-01-01", "MJDREF  = not a number", "EXPTIME = 1.0.0"]
)
def test_an_unreadable_card_that_is_not_needed_is_not_fatal(tmp_path: Path, card: str) -> None:
    content = (FILES / "base.pha").read_bytes()
    target = b"CORRSCAL=" + content.split(b"CORRSCAL=")[1][:71]
    (tmp_path / "bad.pha").write_bytes(content.replace(target, card.ljust(80).encode()))
    assert oda.Spectrum.read(tmp_path / "bad.pha", RMF, ARF).mean_rate[0] == pytest.approx(RATE)


def changed_pha(path: Path, **cards: Any) -> Path:
    with fits.open(FILES / "base.pha") as hdus:
        hdus[1].header.update(cards)
        hdus.writeto(path)
    return path


def test_numbers_and_truths_in_quotes_are_read(tmp_path: Path) -> None:
    path = changed_pha(tmp_path / "quoted.pha", EXPOSURE="1000.0", POISSERR="T", AREASCAL="1.0")
    assert oda.Spectrum.read(path, RMF, ARF).mean_rate[0] == pytest.approx(RATE)


def test_an_area_that_is_named_but_missing_is_said(tmp_path: Path) -> None:
    path = changed_pha(tmp_path / "area.pha", ANCRFILE="gone.arf")
    with pytest.warns(FileWarning, match=r"gone\.arf.*1 cm2"):
        assert oda.Spectrum.read(path, RMF).response.area.max() == 1


def test_a_position_of_1950_is_precessed(tmp_path: Path) -> None:
    cards = {"RA_OBJ": 82.88083, "DEC_OBJ": 21.98167, "RADECSYS": "FK4", "EQUINOX": 1950.0}
    source = oda.Spectrum.read(changed_pha(tmp_path / "old.pha", **cards), RMF, ARF).source
    assert (source.ra, source.dec) == pytest.approx((83.633, 22.0145), abs=2e-3)


def test_a_position_outside_the_sky_is_left_out(tmp_path: Path) -> None:
    path = changed_pha(tmp_path / "off.pha", RA_OBJ=999.0, DEC_OBJ=0.0)
    with pytest.warns(FileWarning, match="RA_OBJ"):
        assert not oda.Spectrum.read(path, RMF, ARF).source.has_position


def test_rows_of_type_two_have_their_own_exposure_and_files(tmp_path: Path) -> None:
    with fits.open(FILES / "pha2_two_rows.fits") as hdus:
        table = hdus[1]
        files = np.array(["gone.rmf", "base.rmf"])
        columns = [*table.columns, fits.Column("RESPFILE", "12A", array=files)]
        new = fits.BinTableHDU.from_columns(columns, header=table.header.copy(strip=True))
        new.data["EXPOSURE"] = [1000.0, 500.0]
        fits.HDUList([hdus[0], new]).writeto(tmp_path / "two.fits")
    (tmp_path / "base.rmf").write_bytes(RMF.read_bytes())
    spectrum = oda.Spectrum.read(tmp_path / "two.fits", arf=ARF, row=2)
    assert spectrum.mean_rate[0] == pytest.approx(2 * RATE)
    assert spectrum.observation.live_time == 500


def test_a_single_row_of_type_two_needs_no_choice(tmp_path: Path) -> None:
    with fits.open(FILES / "pha2_two_rows.fits") as hdus:
        hdus[1].data = hdus[1].data[:1]
        hdus.writeto(tmp_path / "one.fits")
    spectrum = oda.Spectrum.read(tmp_path / "one.fits", **beside(**BASE))
    assert spectrum.mean_rate[0] == pytest.approx(RATE)


@pytest.mark.parametrize(
    ("largest", "code"), [(32767, "1I"), (32768, "1J"), (-32768, "1J"), (2**31, "1K")]
)
def test_columns_of_integers_are_wide_enough(largest: int, code: str) -> None:
    column = integer_column("CHANNEL", np.array([0, largest]))
    assert column.format == code
    assert list(column.array) == [0, largest]
