"""The error of a mean rate does not depend on the bins that it is made of."""

from __future__ import annotations

import numpy as np
import pytest

import oda_widgets as oda

NAME = "SGR 1935+2154"


def test_bins_of_any_length_give_the_mean_the_same_error(sample_site: oda.Site) -> None:
    catalog = oda.SourceCatalog.of([NAME])
    of_seconds, of_minutes, whole = (
        sample_site.light_curves(catalog=catalog, energy=(28, 150), time_bin=length)[NAME]
        for length in (1, 100, 10_000)
    )
    assert len(whole) == 1
    error = whole.error[0]
    by_counting = float(np.hypot.reduce(of_seconds.error * of_seconds.exposure))
    assert by_counting / of_seconds.exposure.sum() < 0.8 * error  # the case is one
    for curve in (of_seconds, of_minutes):
        assert curve.mean()[1] == pytest.approx(error, rel=0.03)
        assert curve.rebin(days=1).error[0] == pytest.approx(error, rel=0.03)
    assert of_seconds.fit("constant").level_error == pytest.approx(error, rel=0.03)


@pytest.mark.parametrize("band", [(30.0, 39.5), (39.5, 79.5)])
def test_channels_of_a_band_and_its_light_curve_have_the_same_error(
    sample_site: oda.Site, band: tuple[float, float]
) -> None:
    """In 2022 the threshold lies at 30 keV: below it pixels scatter more than they count."""
    catalog = oda.SourceCatalog.of([NAME]).add("286.0 18.0")
    curves = sample_site.light_curves(catalog=catalog, energy=band, time_bin=10_000)
    for name, spectrum in sample_site.spectra(catalog=catalog).items():
        inside = (spectrum.channel_low >= band[0]) & (spectrum.channel_high <= band[1])
        assert spectrum.common_error is not None
        shared = spectrum.common_error[:, inside]
        own = np.sum(spectrum.error[inside] ** 2) - np.sum(shared**2)
        error = np.sqrt(own + np.sum(shared.sum(axis=1) ** 2))
        assert error == pytest.approx(float(curves[name].mean_rate[1]), rel=0.25)
