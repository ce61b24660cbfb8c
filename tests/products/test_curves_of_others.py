"""Light curves as programs of other missions write them: bins, errors, references and text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.errors import BadParameter, DamagedFile, FileWarning

N, LENGTH, MJD = 20, 100.0, 58000.0
SECONDS = LENGTH * np.arange(N)
RATE = 5 + np.sin(np.arange(N) / 5)
CARDS: dict[str, Any] = {
    "HDUCLAS1": "LIGHTCURVE", "TELESCOP": "TEST", "INSTRUME": "CCD", "TIMESYS": "TT",
    "TIMEUNIT": "s", "MJDREF": MJD, "E_MIN": 2.0, "E_MAX": 10.0,
}  # fmt: skip
TIME = ("TIME", SECONDS, "s")
RATES = (("RATE", RATE, "count/s"), ("ERROR", np.full(N, 0.2), "count/s"))


def written(
    folder: Path, columns: Any, primary: dict[str, Any] | None = None, **cards: Any
) -> Path:
    """Write a light curve of columns (name, values, unit); keywords of None are left out."""
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column(
                name,
                f"{max(map(len, values))}A"
                if isinstance(values[0], str)
                else f"{np.shape(values)[1]}D"
                if np.ndim(values) > 1
                else "D",
                unit,
                array=values,
            )
            for name, values, unit in columns
        ],
        name="RATE",
    )
    table.header.update({k: v for k, v in {**CARDS, **cards}.items() if v is not None})
    head = fits.PrimaryHDU()
    head.header.update(primary or {})
    fits.HDUList([head, table]).writeto(folder / "curve.lc")
    return folder / "curve.lc"


def read(folder: Path, *columns: Any, **cards: Any) -> oda.LightCurve:
    return oda.LightCurve.read(written(folder, columns, **cards))


def first_seconds(curve: oda.LightCurve) -> float:
    """Return how long after MJD 58000 the middle of the first bin is."""
    return float((curve.time[0] + 51544 - MJD) * 86400)


ENDS = [
    ("TIME_MIN", "TIME_MAX"),
    ("TSTART", "TSTOP"),
    ("T_START", "T_STOP"),
    ("START", "STOP"),
]


@pytest.mark.parametrize("names", ENDS)
@pytest.mark.parametrize("timed", [True, False])
def test_ends_of_bins_say_how_long_they_are(
    tmp_path: Path, names: tuple[str, str], *, timed: bool
) -> None:
    ends = (names[0], 2 * SECONDS - 50, "s"), (names[1], 2 * SECONDS + 50, "s")
    middle = [("TIME", 2 * SECONDS, "s")] if timed else []
    curve = read(tmp_path, *middle, *ends, *RATES, TIMEDEL=3.24)
    np.testing.assert_allclose(curve.width, LENGTH, rtol=1e-6)
    assert first_seconds(curve) == pytest.approx(0, abs=1e-3)
    assert isinstance(oda.open(tmp_path / "curve.lc"), oda.LightCurve)


def test_the_column_of_exposures_divides_counts(tmp_path: Path) -> None:
    columns = (TIME, ("COUNTS", 30 * RATE, "count"), ("EXPOSURE", np.full(N, 30.0), "s"))
    curve = read(tmp_path, *columns, TIMEDEL=LENGTH)
    np.testing.assert_allclose(curve.rate, RATE)
    np.testing.assert_allclose(curve.error, np.sqrt(30 * RATE) / 30)
    np.testing.assert_allclose(curve.exposure, 30)


def test_an_exposure_in_square_centimetres_is_no_time(tmp_path: Path) -> None:
    columns = (TIME, ("COUNTS", 100 * RATE, "count"), ("EXPOSURE", np.full(N, 3e5), "cm**2 s"))
    np.testing.assert_allclose(read(tmp_path, *columns, TIMEDEL=LENGTH).rate, RATE)


@pytest.mark.parametrize(
    ("exposure", "known"), [([("EXPOSURE", np.full(N, 95.0), "s")], True), ([], False)]
)
def test_the_time_of_a_frame_is_no_length_of_bins(
    tmp_path: Path, exposure: list[Any], *, known: bool
) -> None:
    with pytest.warns(FileWarning, match=r"TIMEDEL = 3\.14 is far shorter than its bins are apart"):
        curve = read(tmp_path, TIME, *RATES, *exposure, TIMEDEL=3.14)
    np.testing.assert_allclose(curve.width, LENGTH)
    assert curve.exposures_known is known
    if known:
        np.testing.assert_allclose(curve.exposure, 95)


@pytest.mark.parametrize(
    ("stated", "header", "timed"),
    [(100.0, "d", "s"), (100 / 86400, "s", "s"), (100.0, None, "d"), (100.0, "s", "s")],
)
@pytest.mark.parametrize("as_column", [True, False])
@pytest.mark.filterwarnings("ignore:TIMEDEL")
def test_a_length_has_the_unit_that_fits_the_times(
    tmp_path: Path, stated: float, header: str | None, timed: str, *, as_column: bool
) -> None:
    time = ("TIME", SECONDS if timed == "s" else SECONDS / 86400, timed)
    column = [("TIMEDEL", np.full(N, stated), None)] if as_column else []
    keyword = {} if as_column else {"TIMEDEL": stated}
    curve = read(tmp_path, time, *RATES, *column, TIMEUNIT=header, **keyword)
    np.testing.assert_allclose(curve.width, LENGTH)


ERRORS = [
    ("ERROR", 25.0, "count", 0.25),
    ("ERROR", 25.0, None, 0.25),
    ("STAT_ERR", 25.0, None, 0.25),
    ("COUNTS_ERR", 25.0, "count", 0.25),
    ("ERROR", 0.25, "count/s", 0.25),
]


@pytest.mark.parametrize(("name", "value", "unit", "error"), ERRORS)
def test_stated_errors_of_counts_are_theirs(
    tmp_path: Path, name: str, value: float, unit: str | None, error: float
) -> None:
    net = np.linspace(-20, 60, N)
    columns = (TIME, ("COUNTS", net, "count"), (name, np.full(N, value), unit))
    curve = read(tmp_path, *columns, TIMEDEL=LENGTH)
    np.testing.assert_allclose(curve.error, error)
    assert curve.mean().value == pytest.approx(net.mean() / LENGTH)


@pytest.mark.parametrize(
    ("columns", "options", "error"),
    [
        ((("NET_RATE", RATE, "count/s"), ("ERR_RATE", np.full(N, 0.3), "count/s")), {}, 0.3),
        (
            (
                ("COUNT_RATE", 2 * RATE, "count/s"),
                ("COUNT_RATE_ERR", np.full(N, 0.2), "count/s"),
                ("NET_RATE", RATE, "count/s"),
                ("ERR_RATE", np.full(N, 0.3), "count/s"),
            ),
            {"column": "NET_RATE"},
            0.3,
        ),
        (
            (
                ("RATE", RATE, "count/s"),
                ("COUNTS", 100 * RATE, None),
                ("ERR", np.full(N, 0.4), None),
            ),
            {},
            0.4,
        ),
    ],
)
def test_errors_of_rates_have_many_names(
    tmp_path: Path, columns: Any, options: dict[str, Any], error: float
) -> None:
    curve = oda.LightCurve.read(written(tmp_path, (TIME, *columns), TIMEDEL=LENGTH), **options)
    np.testing.assert_allclose(curve.rate, RATE)
    np.testing.assert_allclose(curve.error, error)


@pytest.mark.parametrize(
    "names",
    [("RATE_ERRM", "RATE_ERRP"), ("ERROR_NEG", "ERROR_POS"), ("RATE_ERR_LO", "RATE_ERR_HI")],
)
def test_of_errors_to_both_sides_the_mean_is_taken_and_said(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    sides = (names[0], np.full(N, -0.1), "count/s"), (names[1], np.full(N, 0.3), "count/s")
    with pytest.warns(FileWarning, match=f"{names[0]} and {names[1]} of both sides the mean"):
        curve = read(tmp_path, TIME, RATES[0], *sides, TIMEDEL=LENGTH)
    np.testing.assert_allclose(curve.error, 0.2)


@pytest.mark.parametrize("name", ["COUNTS", "STAT_ERR"])
def test_rates_without_errors_have_those_of_their_counts(tmp_path: Path, name: str) -> None:
    counts = np.rint(40 * RATE)
    more = [("STAT_ERR", np.sqrt(counts), None)] if name == "STAT_ERR" else []
    columns = TIME, ("RATE", counts / 40, "count/s"), ("COUNTS", counts, None), *more
    curve = read(tmp_path, *columns, ("FRACEXP", np.full(N, 0.4), None), TIMEDEL=LENGTH)
    np.testing.assert_allclose(curve.error, np.sqrt(counts) / 40)


def test_rates_without_any_errors_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(DamagedFile, match=r"The rates in RATE have no errors .* or COUNTS, whose"):
        read(tmp_path, TIME, RATES[0], TIMEDEL=LENGTH)


def test_the_unit_says_whether_a_column_holds_counts_or_rates(tmp_path: Path) -> None:
    (tmp_path / "rates").mkdir()
    errors = ("ERROR", np.full(N, 0.2), "count/s")
    rates = read(tmp_path / "rates", TIME, ("COUNTS", RATE, "counts/s"), errors, TIMEDEL=LENGTH)
    counts = read(tmp_path, TIME, ("RATE", 100 * RATE, "count"), errors, TIMEDEL=LENGTH)
    for curve in (rates, counts):
        np.testing.assert_allclose(curve.rate, RATE)
        np.testing.assert_allclose(curve.error, 0.2)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_each_rate_of_a_vector_has_its_own_exposure(tmp_path: Path, number: int) -> None:
    factors = np.array([1.0, 2.0, 3.0])
    columns = (
        TIME,
        ("TIMEDEL", np.full(N, LENGTH), "s"),
        ("FRACEXP", np.full((N, 3), factors / 10), None),
        ("RATE", RATE[:, None] * factors, "cts/s"),
        ("RATE_ERR", np.full((N, 3), 0.2), "cts/s"),
    )
    curve = oda.LightCurve.read(written(tmp_path, columns), column=number)
    np.testing.assert_allclose(curve.rate, number * RATE)
    np.testing.assert_allclose(curve.exposed_fraction, number / 10)


@pytest.mark.parametrize(
    "unit", ["count/s/PCU", "count/cm^2/s", "count/cm2/s", "counts/s/cm**2", "ct s^-1 cm^-2"]
)
def test_rates_of_a_part_of_a_detector_stand_as_they_are(tmp_path: Path, unit: str) -> None:
    columns = TIME, ("RATE", RATE, unit), ("ERROR", np.full(N, 0.2), unit)
    with pytest.warns(FileWarning, match="RATE is in .*they make no counts"):
        curve = read(tmp_path, *columns, TIMEDEL=LENGTH)
    np.testing.assert_allclose(curve.rate, RATE)
    np.testing.assert_allclose(curve.error, 0.2)


@pytest.mark.parametrize("unit", ["counts s^-1", "count s**-1", "cts s-1", "Hz"])
def test_a_rate_has_many_spellings(tmp_path: Path, unit: str) -> None:
    columns = TIME, ("RATE", RATE, unit), ("ERROR", np.full(N, 0.2), unit)
    np.testing.assert_allclose(read(tmp_path, *columns, TIMEDEL=LENGTH).rate, RATE)


def test_keywords_of_the_primary_header_count(tmp_path: Path) -> None:
    primary = {"MJDREFI": 58000, "MJDREFF": 0.0, "TELESCOP": "NICER", "LIVETIME": 1234.0}
    cards = {"MJDREF": None, "TELESCOP": None}
    curve = read(tmp_path, TIME, *RATES, primary=primary, TIMEDEL=LENGTH, **cards)
    assert first_seconds(curve) == pytest.approx(0, abs=1e-3)
    assert curve.observation.telescope == "NICER"
    assert curve.observation.live_time == 1234.0


def test_what_a_table_says_of_its_times_is_not_mixed_with_the_primary_header(
    tmp_path: Path,
) -> None:
    primary = {"MJDREFI": 50000, "MJDREFF": 0.5, "TIMEZERO": 1e6, "TELESCOP": "OTHER"}
    curve = read(tmp_path, TIME, *RATES, primary=primary, TIMEDEL=LENGTH)
    assert first_seconds(curve) == pytest.approx(0, abs=1e-3)
    assert curve.observation.telescope == "TEST"


@pytest.mark.parametrize("telescope", [None, "XTE"])
@pytest.mark.parametrize(
    "named", [{"CREATOR": "lcurve 1.0 (xronos6.0)"}, {"CONTENT": "XRONOS OUTPUT"}]
)
def test_times_of_xronos_are_truncated_julian_days(
    tmp_path: Path, telescope: str | None, named: dict[str, str]
) -> None:
    cards = {"TIMEUNIT": "d", "TIMEZERI": 18000, "TIMEZERF": 0.0, "MJDREF": None}
    cards |= {"TELESCOP": telescope, "TIMEDEL": LENGTH / 86400}
    with pytest.warns(FileWarning, match="truncated Julian days, from MJD 40000"):
        curve = read(tmp_path, TIME, *RATES, **cards, **named)
    assert first_seconds(curve) == pytest.approx(0, abs=1e-3)
    assert curve.observation.telescope == (telescope or "")


@pytest.mark.parametrize("start", [5e8, 1e8, 0.0])
def test_times_that_say_nothing_of_their_origin_are_not_integrals(
    tmp_path: Path, start: float
) -> None:
    columns = (("TIME", start + SECONDS, "s"), *RATES)
    path = written(tmp_path, columns, TELESCOP=None, MJDREF=None, TIMEDEL=LENGTH)
    with pytest.raises(DamagedFile, match=r"what its times count from.*mjdref="):
        oda.open(path)
    curve = oda.open(path, mjdref=MJD - start / 86400)
    assert first_seconds(curve) == pytest.approx(0, abs=1e-3)
    assert curve.observation.telescope == ""
    curve.save(tmp_path / "again.fits")
    again = oda.LightCurve.read(tmp_path / "again.fits")
    assert again.observation.telescope == ""
    np.testing.assert_array_equal(again.time, curve.time)
    with pytest.raises(BadParameter, match=r"^mjdref"):
        oda.open(path, mjdref=-3e6)


@pytest.mark.parametrize(
    "cards",
    [
        {"TELESCOP": "INTEGRAL"},
        {"INSTRUME": "IBIS"},
        {"EXTNAME": "JMX1-SRC.-LCR"},
        {"ISDCLEVL": "SPE"},
    ],
)
def test_names_that_only_integral_has_say_ijd(tmp_path: Path, cards: dict[str, str]) -> None:
    none = {"TELESCOP": None, "INSTRUME": None, "MJDREF": None, "TIMEUNIT": None}
    columns = (("TIME", 6456 + SECONDS / 86400, "d"), *RATES)
    curve = read(tmp_path, *columns, **(none | {"TIMEDEL": LENGTH / 86400} | cards))
    assert first_seconds(curve) == pytest.approx(0, abs=1e-3)
    assert curve.observation.telescope == "INTEGRAL"


def test_an_offset_that_is_stated_twice_counts_once(tmp_path: Path) -> None:
    twice = {"TIMEZERO": 1000.25, "TIMEZERI": 1000, "TIMEZERF": 0.25, "TIMEDEL": LENGTH}
    assert first_seconds(read(tmp_path, TIME, *RATES, **twice)) == pytest.approx(1000.25, abs=1e-3)
    (tmp_path / "other").mkdir()
    with pytest.raises(DamagedFile, match=r"two offsets of its times: TIMEZERI \+ TIMEZERF = 2000"):
        read(tmp_path / "other", TIME, *RATES, **(twice | {"TIMEZERI": 2000}))


def test_counts_of_a_gap_that_is_said_nowhere_are_told(tmp_path: Path) -> None:
    counts = np.where((np.arange(N) > 4) & (np.arange(N) < 9), 0.0, np.rint(100 * RATE))
    with pytest.warns(FileWarning, match=r"Nothing was counted in its bins 6 to 9, where"):
        read(tmp_path, TIME, ("COUNTS", counts, "count"), TIMEDEL=LENGTH)


ROWS = "".join(f"{58000 + day},86400,5.0,0.5\n" for day in range(12))
HEAD = "MJD,WIDTH,RATE,ERROR\n"
TEXTS = {
    "a mark of byte order": "\ufeff" + HEAD + ROWS,
    "quotes": '"MJD","WIDTH","RATE","ERROR"\n' + ROWS,
    "semicolons": (HEAD + ROWS).replace(",", ";"),
    "tabulators": (HEAD + ROWS).replace(",", "\t"),
    "blanks": (HEAD + ROWS).replace(",", "  "),
    "names in a comment": "# " + HEAD + ROWS,
    "names in the last comment": "# TELESCOP = 'Swift'\n# of 12 days\n#" + HEAD + ROWS,
    "lines of Windows": (HEAD + ROWS).replace("\n", "\r\n"),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.filterwarnings("ignore:It does not say in which energy band")
def test_text_is_read_whatever_stands_between_its_columns(tmp_path: Path, text: str) -> None:
    (tmp_path / "curve.csv").write_text(text, encoding="utf-8", newline="")
    curve = oda.open(tmp_path / "curve.csv")
    assert len(curve) == 12
    assert first_seconds(curve) == 0
    np.testing.assert_allclose(curve.width, 86400)
    np.testing.assert_allclose(curve.error, 0.5)


def test_a_catalogue_with_times_and_rates_stays_one(tmp_path: Path) -> None:
    (tmp_path / "sources.csv").write_text("NAME,RA,DEC,TIME,RATE\nCrab,83.63,22.01,1,2\n", "utf-8")
    assert isinstance(oda.open(tmp_path / "sources.csv"), oda.SourceCatalog)


def test_keywords_in_text_may_have_quotes_and_the_unit_that_is_due(tmp_path: Path) -> None:
    text = "# TELESCOP = 'Swift'\n# E_MIN = 15 keV\n# E_MAX = 50\n" + HEAD + ROWS
    (tmp_path / "curve.csv").write_text(text, "utf-8")
    curve = oda.open(tmp_path / "curve.csv")
    assert (curve.observation.telescope, str(curve.energy)) == ("Swift", "15–50 keV")


DATES = ("2017-09-04T00:00:00", "2017-09-04T00:01:40.0Z", "2017-09-04 00:03:20")


@pytest.mark.parametrize(("scale", "apart"), [(None, 69.184), ("UTC", 69.184), ("TT", 0.0)])
@pytest.mark.filterwarnings("ignore:It does not say in which energy band")
def test_dates_are_times(tmp_path: Path, scale: str | None, apart: float) -> None:
    stated = "" if scale is None else f"# TIMESYS = {scale}\n"
    rows = "".join(f"{date},100,5,.5\n" for date in DATES)
    (tmp_path / "curve.csv").write_text(f"{stated}TIME,WIDTH,RATE,ERROR\n{rows}", "utf-8")
    columns = [("TIME", list(DATES), None), *((n, v[:3], u) for n, v, u in RATES)]
    path = written(tmp_path, columns, TIMESYS=scale, MJDREF=None, TIMEDEL=LENGTH)
    for curve in (oda.open(tmp_path / "curve.csv"), oda.open(path)):
        assert first_seconds(curve) == pytest.approx(apart, abs=1e-3)
        np.testing.assert_allclose(np.diff(curve.time) * 86400, 100, atol=1e-3)
        np.testing.assert_allclose(curve.width, LENGTH)


@pytest.mark.filterwarnings("ignore:It does not say in which energy band")
def test_dates_of_both_ends_say_when_and_how_long(tmp_path: Path) -> None:
    rows = "2017-09-04T00:00:00,2017-09-04T00:01:40,5,.5\n2017-09-05,2017-09-05T00:01:40,5,.5\n"
    text = f"# TIMESYS = TT\nTSTART,TSTOP,RATE,ERROR\n{rows}"
    (tmp_path / "curve.csv").write_text(text, "utf-8")
    curve = oda.open(tmp_path / "curve.csv")
    assert first_seconds(curve) == pytest.approx(50, abs=1e-3)
    np.testing.assert_allclose(curve.width, LENGTH, rtol=1e-6)


@pytest.mark.parametrize("date", ["2017-13-04", "2017-09-04T25:00:00", "yesterday"])
def test_what_is_no_date_is_refused_with_its_row(tmp_path: Path, date: str) -> None:
    text = f"TIME,WIDTH,RATE,ERROR\n2017-09-04,100,5,.5\n{date},100,5,.5\n"
    (tmp_path / "curve.csv").write_text(text, "utf-8")
    with pytest.raises(DamagedFile, match=f"TIME holds text, '{date}' in row 2, and no date"):
        oda.open(tmp_path / "curve.csv")
