"""Files as other programs write them (tests/data/files), and their contents."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.errors import BadParameter, FileWarning, OdaError

FILES = Path(__file__).parents[1] / "data" / "files"
BASE = {"rmf": "base.rmf", "arf": "base.arf"}
GROUPED = {"rmf": "grouped_low_counts.rmf", "arf": "grouped_low_counts.arf"}
RATE = 54.524  # counts/s in base.pha
BASE_FIT = (1.9867, 9.506)  # photon index and norm, chi2, 20-200 keV


def beside(**names: Any) -> dict[str, Any]:
    """Return options with the names of files as paths."""
    files = {"rmf", "arf", "background"}
    return {k: FILES / v if k in files and v is not False else v for k, v in names.items()}


SPECTRA = [
    # file, options, counts/s, counts/s of the background, warning
    ("base.pha", BASE, RATE, None, None),
    ("ciao_blank_datasum.pha", BASE, RATE, None, None),
    ("backscal_column_src.pha", {**BASE, "background": "backscal_column_bkg.pha"}, 55.295, 0.805,
     None),
    ("areascal_column.pha", BASE, 54.25, None, None),
    ("csc_like_self_backfile.pha", {}, 60.43, 2.158, None),
    ("low_counts_with_background.pha", {}, 66.25, 2.202, None),
    ("osa_isgri_spectrum_many_sources.fits", {"source": "Crab"}, RATE, None, None),
    ("osa_isgri_spectrum_many_sources.fits", {"source": "x per"}, 5.434, None, None),
    ("osa_isgri_spectrum_many_sources.fits", {"row": 3}, 5.434, None, None),
    ("base.pha", {**BASE, "rmf": "rmf_two_matrix_blocks.rmf"}, RATE, None, None),
    ("gbm_like_channels_from_0.pha",
     {**BASE, "rmf": "gbm_like_no_tlmin_fchan1_ebounds0.rmf"}, RATE, None, None),
    ("base.pha", {**BASE, "rmf": "mmoda_jemx_like_ebounds_from_0.rmf"}, RATE, None,
     "0 to 39, the spectrum has 1 to 40: they were matched in order"),
    ("pha2_two_rows.fits", {**BASE, "row": 2}, RATE, None, None),
    ("backfile_missing.pha", BASE, RATE, None, r"gone\.pha.*background=False"),
    ("backfile_missing.pha", {**BASE, "background": False}, RATE, None, None),
    ("base.pha", {**BASE, "arf": "arf_first_edge_differs.arf"}, RATE, None, None),
    ("ebounds_descending.pha", {**BASE, "rmf": "ebounds_descending.rmf"}, RATE, None, None),
    ("base.pha", {"rmf": "units_mev.rmf", "arf": "units_mev.arf"}, RATE, None, None),
    ("stat_err_zero_poisserr_true.pha", BASE, RATE, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options", "rate", "background", "warning"), SPECTRA)
def test_a_spectrum_holds(
    name: str,
    options: dict[str, Any],
    rate: float,
    background: float | None,
    warning: str | None,
) -> None:
    with pytest.warns(FileWarning, match=warning) if warning else nullcontext():
        spectrum = oda.Spectrum.read(FILES / name, **beside(**options))
    assert spectrum.mean_rate[0] == pytest.approx(rate, rel=2e-4)
    if background is None:
        assert spectrum.background is None
    else:
        assert spectrum.background.rate.sum() == pytest.approx(background, rel=1e-3)
    if name != "osa_isgri_spectrum_many_sources.fits":
        assert spectrum.observation.telescope in {"TEST", "INTEGRAL", ""}
    if rate == RATE and name != "osa_isgri_spectrum_many_sources.fits":
        fit = spectrum.fit("powerlaw", energy=(20, 200), statistic="chi2")
        found = [parameter.value for parameter in fit.parameters.values()]
        assert found == pytest.approx(BASE_FIT, rel=2e-3)


@pytest.mark.parametrize(
    ("name", "options", "statistic", "energy", "index", "error"),
    [
        ("grouped_low_counts.pha", GROUPED, "chi2", (18, 230), 2.10, 0.07),
        ("grouped_low_counts.pha", GROUPED, "cstat", (20, 200), 2.140, 0.082),
        ("low_counts_with_background.pha", {}, None, (20, 200), 1.954, 0.078),
        ("areascal_column.pha", BASE, "chi2", (20, 200), 2.017, 0.011),
        ("ebounds_descending.pha", {**BASE, "rmf": "ebounds_descending.rmf"}, "chi2", None,
         1.99, 0.02),
    ],
)  # fmt: skip
def test_a_fit_yields(
    name: str,
    options: dict[str, Any],
    statistic: str | None,
    energy: tuple[float, float] | None,
    index: float,
    error: float,
) -> None:
    spectrum = oda.Spectrum.read(FILES / name, **beside(**options))
    fit = spectrum.fit("powerlaw", energy=energy, statistic=statistic)
    assert fit.parameters["PhoIndex"].value == pytest.approx(index, abs=0.35 * error)


def test_areascal_scales_the_model_of_counts() -> None:
    spectrum = oda.Spectrum.read(FILES / "areascal_half_cstat.pha", **beside(**BASE))
    # The channels that XSPEC and sherpa take for 20-200: those that the range touches.
    fit = spectrum.fit("powerlaw", energy=(19.8, 203), statistic="cstat")
    assert fit.statistic == pytest.approx(36.81, abs=0.02)


CURVES = [
    ("lc_nustar_seconds.fits", {}),
    ("lc_mjd_mjdref0.fits", {}),
    ("lc_mjdreff.fits", {}),
    ("lc_timepixr0.fits", {}),
    ("lc_two_bands.fits", {"energy": (20, 60)}),
    ("lc_two_bands.fits", {"energy": (60, 100)}),
    ("lc_two_bands.fits", {"row": 2}),
    ("lc_rate1_error1.fits", {}),
    ("lc_rate1_error1.fits", {"column": "RATE1"}),
    ("lc_vector_rate.fits", {"column": 1}),
    ("lc_vector_rate.fits", {"column": 4}),
]


@pytest.mark.parametrize(("name", "options"), CURVES)
def test_a_light_curve_begins_at_mjd_58000(name: str, options: dict[str, Any]) -> None:
    curve = oda.LightCurve.read(FILES / name, **options)
    assert (curve.time[0] + 51544 - 58000) * 86400 == pytest.approx(0, abs=1e-4)
    np.testing.assert_allclose(curve.width, 100)
    assert len(curve) == 50
    assert curve.rate.mean() == pytest.approx(5, abs=0.2)
    assert curve.error.shape == curve.rate.shape == (50,)
    assert curve.energy == oda.LightCurve.read(FILES / name, **options).energy
    assert (curve.observation.telescope, curve.observation.instrument) == ("NuSTAR", "FPMA")


@pytest.mark.parametrize(
    ("read", "name", "options", "says"),
    [
        (oda.Spectrum.read, "osa_isgri_spectrum_many_sources.fits", {},
         "source.*1: Background; 2: Crab; 3: X Per"),
        (oda.Spectrum.read, "osa_isgri_spectrum_many_sources.fits", {"source": "Vela X-1"},
         "Vela X-1.*no such source.*Background; Crab; X Per"),
        (oda.Spectrum.read, "pha2_two_rows.fits", {}, "has 2 spectra.*row"),
        (oda.Spectrum.read, "pha2_two_rows.fits", {"row": 3}, "has 2 spectra"),
        (oda.LightCurve.read, "lc_two_bands.fits", {}, "20–60 keV.*60–100 keV"),
        (oda.LightCurve.read, "lc_two_bands.fits", {"energy": (20, 40)}, "20–60 keV; 60–100 keV"),
        (oda.LightCurve.read, "lc_vector_rate.fits", {}, "4 columns of rates.*1: .*4: "),
        (oda.LightCurve.read, "lc_vector_rate.fits", {"column": 5}, "4 columns"),
    ],
)  # fmt: skip
def test_of_several_none_is_silently_the_first(
    read: Any, name: str, options: dict[str, Any], says: str
) -> None:
    with pytest.raises(BadParameter, match=says):
        read(FILES / name, **options)


def test_the_mission_of_others_is_kept_in_our_files(tmp_path: Path) -> None:
    curve = oda.LightCurve.read(FILES / "lc_nustar_seconds.fits")
    spectrum = oda.Spectrum.read(FILES / "base.pha", **beside(**BASE))
    for product, mission in ((curve, ("NuSTAR", "FPMA")), (spectrum, ("TEST", "TEST"))):
        product.write(tmp_path / "product.fits", overwrite=True)
        again = type(product).read(tmp_path / "product.fits").observation
        assert (again.telescope, again.instrument) == mission
    assert oda.Response.read(tmp_path / "product_rmf.fits").telescope == "TEST"


@pytest.mark.parametrize(
    "name",
    [
        "cat_ra_unit_h.fits",
        "cat_frame_galactic.fits",
        "cat_RAdeg_DEdeg.vot",
        "cat_err_rad_arcmin.fits",
    ],
)
def test_a_catalogue_has_the_crab_at_its_place(name: str) -> None:
    crab = oda.SourceCatalog.read(FILES / name)["Crab"]
    assert (crab.ra, crab.dec) == pytest.approx((83.633, 22.0145), abs=1e-3)
    assert crab.error_radius == pytest.approx(0.05 if "arcmin" in name else 0.0)


def test_an_image_with_two_nameless_sources_is_read() -> None:
    image = oda.SkyImage.read(FILES / "mosaic_duplicate_new_source.fits.gz")
    assert image.catalog.names == ("Crab", "NEW_1", "NEW_2")
    assert [source.new for source in image.catalog] == [False, True, True]


def test_an_image_of_jemx_is_read() -> None:
    energy = oda.SkyImage.read(FILES / "mosaic_jemx_band.fits.gz").energy
    assert (energy.low, energy.high) == (3.08, 10.24)


@pytest.mark.parametrize(
    ("name", "options", "kind"),
    [
        ("low_counts_with_background.pha", {}, oda.Spectrum),
        ("base.pha", BASE, oda.Spectrum),
        ("base.rmf", {"arf": "base.arf"}, oda.Response),
        ("lc_mjdreff.fits", {}, oda.LightCurve),
        ("lc_two_bands.fits", {"energy": (60, 100)}, oda.LightCurve),
        ("cat_frame_galactic.fits", {}, oda.SourceCatalog),
        ("cat_RAdeg_DEdeg.vot", {}, oda.SourceCatalog),
        ("mosaic_jemx_band.fits.gz", {}, oda.SkyImage),
    ],
)
def test_opening_a_file_tells_what_it_is(name: str, options: dict[str, Any], kind: type) -> None:
    assert type(oda.open(FILES / name, **beside(**options))) is kind


def test_opening_what_is_nothing_of_ours_says_what_it_is() -> None:
    with pytest.raises(OdaError, match=r"effective area.*Response\.read"):
        oda.open(FILES / "base.arf")
    with pytest.raises(BadParameter, match="no such file"):
        oda.open(FILES / "nothing.fits")
    with pytest.raises(BadParameter, match=r"band.*no such option.*energy"):
        oda.open(FILES / "lc_mjdreff.fits", band=(1, 2))
