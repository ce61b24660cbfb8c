"""Spectra and light curves as other missions write them: units, references and names of columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.errors import BadParameter, DamagedFile, FileWarning
from tests.products.examples import make_image
from tests.products.test_files_of_others import FILES, RATE

N_BINS, WIDTH = 20, 100.0
FIRST = 58000.0 - 51544.0  # IJD of the middle of the first bin
REFERENCE = 55197.00076601852
TIMES = (58000.0 - REFERENCE) * 86400 + WIDTH * np.arange(N_BINS)
MJD = 58000.0 + WIDTH / 86400 * np.arange(N_BINS)
NUSTAR = {
    "TELESCOP": "NuSTAR", "INSTRUME": "FPMA", "MJDREFI": 55197, "MJDREFF": 7.6601852e-4,
    "TIMESYS": "TT", "TIMEUNIT": "s", "TIMEDEL": WIDTH, "TIMEPIXR": 0.5, "E_MIN": 3.0,
    "E_MAX": 10.0, "HDUCLAS1": "LIGHTCURVE",
}  # fmt: skip
Column = tuple[str, np.ndarray, str | None]
RATES: tuple[Column, ...] = (
    ("RATE", np.full(N_BINS, 5.0), "count/s"),
    ("ERROR", np.full(N_BINS, 0.5), "count/s"),
)
BANDS = ((15.0, 25.0), (25.0, 50.0), (50.0, 100.0), (100.0, 350.0))


def table(name: str, columns: tuple[Column, ...], keywords: dict[str, Any]) -> fits.BinTableHDU:
    """Return a table of columns of 8-byte numbers; keywords of None are left out."""
    hdu = fits.BinTableHDU.from_columns(
        [
            fits.Column(n, f"{v[0].size}D" if v.ndim > 1 else "D", unit, array=v)
            for n, v, unit in columns
        ],
        name=name,
    )
    hdu.header.update({k: v for k, v in keywords.items() if v is not None})
    return hdu


def written(folder: Path, *hdus: fits.BinTableHDU) -> Path:
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(folder / "file.fits")
    return folder / "file.fits"


def curve_of(folder: Path, columns: tuple[Column, ...], keywords: dict[str, Any]) -> oda.LightCurve:
    return oda.LightCurve.read(written(folder, table("RATE", columns, NUSTAR | keywords)))


@pytest.mark.parametrize(
    ("times", "unit", "keywords", "warning"),
    [
        (TIMES, "s", {}, None),
        (TIMES, "s", {"MJDREFI": None, "MJDREFF": None, "MJDREF": REFERENCE}, None),
        (TIMES, "s", {"MJDREFI": None, "MJDREF": 55197.0}, None),
        (TIMES, "s", {"MJDREFI": None, "MJDREF": REFERENCE}, None),  # with MJDREFF: said twice
        (TIMES - TIMES[0], "s", {"TIMEZERO": TIMES[0]}, None),
        (TIMES - TIMES[0], "s", {"TIMEZERO": TIMES[0], "TSTART": TIMES[0], "TSTOP": 4e8}, None),
        (TIMES - TIMES[0], "s", {"TIMEZERO": TIMES[0], "TSTART": 0.0, "TSTOP": 2e3}, None),
        (TIMES / 86400, "d", {}, None),
        (MJD, "d", {"MJDREFI": 0, "MJDREFF": 0.0}, None),
        (MJD, "d", {"MJDREFI": 0, "MJDREFF": 0.0, "TIMEUNIT": None}, "TIMEDEL = 100 .* seconds"),
    ],
)
def test_the_first_bin_is_where_it_was(
    tmp_path: Path, times: np.ndarray, unit: str, keywords: dict[str, Any], warning: str | None
) -> None:
    columns = (("TIME", times, unit), *RATES)
    if warning is None:
        curve = curve_of(tmp_path, columns, keywords)
    else:
        with pytest.warns(FileWarning, match=warning):
            curve = curve_of(tmp_path, columns, keywords)
    assert (curve.time[0] - FIRST) * 86400 == pytest.approx(0.0, abs=0.01)
    np.testing.assert_allclose(curve.width, WIDTH)


def test_times_that_count_from_tstart_without_saying_so_are_told(tmp_path: Path) -> None:
    columns = (("TIME", TIMES - TIMES[0], "s"), *RATES)
    with pytest.warns(FileWarning, match=r"2,80\d\.\d days outside TSTART to TSTOP"):
        curve_of(tmp_path, columns, {"TSTART": TIMES[0], "TSTOP": TIMES[-1]})


def test_fractions_in_per_cent_are_fractions(tmp_path: Path) -> None:
    columns = (("TIME", TIMES, "s"), *RATES, ("FRACEXP", np.full(N_BINS, 50.0), "%"))
    np.testing.assert_allclose(curve_of(tmp_path, columns, {}).exposed_fraction, 0.5)


def vector(folder: Path, keywords: dict[str, Any]) -> Path:
    """Write rates of four bands in one column, as Swift/BAT has them."""
    rates = np.tile([1.0, 2.0, 3.0, 4.0], (N_BINS, 1))
    columns = (("TIME", TIMES, "s"), ("RATE", rates, "count/s"), ("ERROR", rates / 9, "count/s"))
    low, high = np.array(BANDS).T
    bounds = table("EBOUNDS", (("E_MIN", low, "keV"), ("E_MAX", high, "keV")), {})
    return written(folder, table("RATE", columns, NUSTAR | keywords), bounds)


@pytest.mark.parametrize("total", [(None, None), (15.0, 350.0)])
def test_each_rate_of_a_vector_has_the_band_of_ebounds(
    tmp_path: Path, total: tuple[float | None, float | None]
) -> None:
    path = vector(tmp_path, {"E_MIN": total[0], "E_MAX": total[1]})
    for number, band in enumerate(BANDS, 1):
        for curve in (
            oda.LightCurve.read(path, energy=band),
            oda.LightCurve.read(path, column=number),
            oda.LightCurve.read(path, column=number, energy=band),
        ):
            assert (curve.energy.low, curve.energy.high) == band
            np.testing.assert_allclose(curve.rate, number)
    with pytest.raises(BadParameter, match=r"^energy=None.*by energy or column: 1: RATE\[1\], 15–"):
        oda.LightCurve.read(path)
    for options in ({"energy": (20, 50)}, {"energy": (25, 50), "column": 3}):
        with pytest.raises(BadParameter, match=r"^energy=.*of this energy band"):
            oda.LightCurve.read(path, **options)  # type: ignore[arg-type]


def spectrum_of(folder: Path, keywords: dict[str, Any], **columns: Any) -> oda.Spectrum:
    """Read base.pha with other columns; a value with a unit is a pair."""
    with fits.open(FILES / "base.pha") as hdus:
        header, number = hdus[1].header, np.asarray(hdus[1].data["CHANNEL"], float)
    kept = {k: header[k] for k in ("HDUCLAS1", "HDUCLAS3", "EXPOSURE", "POISSERR", "TELESCOP")}
    pairs = [
        (name, *(value if isinstance(value, tuple) else (value, None)))
        for name, value in {"CHANNEL": number, **columns}.items()
    ]
    path = written(folder, table("SPECTRUM", tuple(pairs), kept | keywords))
    return oda.Spectrum.read(path, FILES / "base.rmf", FILES / "base.arf")


def base_counts() -> np.ndarray:
    with fits.open(FILES / "base.pha") as hdus:
        return np.asarray(hdus[1].data["COUNTS"], float)


def test_of_counts_and_rates_the_header_says_which_are_meant(tmp_path: Path) -> None:
    counts = base_counts()
    other = {"RATE": 1.5 * counts / 1000, "STAT_ERR": np.sqrt(counts)}
    spectrum = spectrum_of(tmp_path, {"POISSERR": False}, COUNTS=counts, **other)
    assert spectrum.rate.sum() == pytest.approx(RATE)
    assert spectrum.counts is not None


def test_counts_in_a_unit_of_rates_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedFile, match=r"COUNTS is 'count/s', which is one of rates"):
        spectrum_of(tmp_path, {}, COUNTS=(base_counts(), "count/s"))


@pytest.mark.parametrize("unit", ["count", "Counts", "cts", "chan", None])
def test_counts_are_called_in_many_ways(tmp_path: Path, unit: str | None) -> None:
    spectrum = spectrum_of(tmp_path, {}, COUNTS=(base_counts(), unit))
    assert spectrum.rate.sum() == pytest.approx(RATE)


def test_systematic_errors_are_fractions_also_in_per_cent(tmp_path: Path) -> None:
    five = np.full(len(base_counts()), 5.0)
    spectrum = spectrum_of(tmp_path, {}, COUNTS=base_counts(), SYS_ERR=(five, "%"))
    np.testing.assert_allclose(spectrum.systematic_error, 0.05)
    (tmp_path / "file.fits").unlink()
    with pytest.warns(FileWarning, match=r"SYS_ERR is up to 5.*0\.05 for 5 %"):
        spectrum_of(tmp_path, {}, COUNTS=base_counts(), SYS_ERR=five)


def image_of(folder: Path, kind: str, unit: str, factor: float) -> oda.SkyImage:
    """Read an image of which one map is in another unit."""
    make_image().write(folder / "ours.fits")
    with fits.open(folder / "ours.fits") as hdus:
        found = fits.HDUList([hdu.copy() for hdu in hdus])
    for hdu in found:
        for ours in ("CHECKSUM", "DATASUM", "CREATOR"):
            hdu.header.remove(ours, ignore_missing=True)
        if hdu.header.get("IMATYPE") == kind:
            hdu.header["BUNIT"] = unit
            hdu.data = (hdu.data * factor).astype(np.float32)
    found.writeto(folder / "image.fits")
    return oda.SkyImage.read(folder / "image.fits")


@pytest.mark.parametrize(
    ("kind", "unit", "factor"),
    [
        ("INTENSITY", "count/ks", 1000.0),
        ("INTENSITY", "counts/sec", 1.0),
        ("VARIANCE", "(counts/sec)**2", 1.0),
        ("VARIANCE", "count**2/ks**2", 1e6),
        ("VARIANCE", "(count/ks)**2", 1e6),
        ("EXPOSURE", "ks", 1e-3),
        ("EXPOSURE", "sec", 1.0),
        ("SIGNIFICANCE", "no units", 1.0),
    ],
)
def test_maps_are_converted_from_their_units(
    tmp_path: Path, kind: str, unit: str, factor: float
) -> None:
    image, name = image_of(tmp_path, kind, unit, factor), kind.lower()
    np.testing.assert_allclose(getattr(image, name), getattr(make_image(), name), rtol=1e-5)


@pytest.mark.parametrize("unit", ["mCrab", "count/cm**2/s", "foo"])
def test_a_map_in_no_unit_of_its_own_stays_and_says_so(tmp_path: Path, unit: str) -> None:
    with pytest.warns(FileWarning, match=r"map INTENSITY is .*taken as they stand"):
        image = image_of(tmp_path, "INTENSITY", unit, 1.0)
    np.testing.assert_array_equal(image.intensity, make_image().intensity)


@pytest.mark.filterwarnings("always")
@pytest.mark.parametrize("keyword", [
    "OBJECT", "NAME", "INSTRUME", "TELESCOP", "TIMESYS", "TIMEUNIT", "DATEREF", "EUNIT", "BACKFILE",
    "MEANNOTE",
])  # fmt: skip
def test_a_keyword_of_any_length_makes_no_long_message_or_print(
    tmp_path: Path, keyword: str, recwarn: pytest.WarningsRecorder
) -> None:
    columns = (("TIME", TIMES, "s"), *RATES)
    more = {"MJDREFI": None, "MJDREFF": None} if keyword == "DATEREF" else {}
    long = {keyword: "Z" * 3000, "RA_OBJ": 83.6, "DEC_OBJ": 99.0, **more}
    reads = (
        lambda: curve_of(tmp_path, columns, long),
        lambda: spectrum_of(tmp_path, long, COUNTS=base_counts()),
    )
    for read in reads:
        (tmp_path / "file.fits").unlink(missing_ok=True)
        try:
            text = repr(read())
        except oda.OdaError as error:
            text = str(error)
        assert len(text) < 1000, text
    assert all(len(str(each.message)) < 1000 for each in recwarn)
