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
