"""Fits travel to other processes; a site stays where it is, and says so."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.errors import DataError
from tests.fitting.instruments import ngc_2110


@pytest.mark.parametrize("model", ["powerlaw", "phabs*cutoffpl"])
def test_a_fit_that_was_pickled_answers_as_before(model: str) -> None:
    fit = ngc_2110().fit(model, energy=(50, 200))
    again = pickle.loads(pickle.dumps(fit))
    assert again.statistic == fit.statistic
    assert np.array_equal(again.values, fit.values)
    assert str(again.errors("PhoIndex")) == str(fit.errors("PhoIndex"))
    assert copy.deepcopy(fit).statistic == fit.statistic


def test_a_copy_of_a_site_is_the_site_and_no_site_is_pickled() -> None:
    site = oda.connect(archive="sample")
    assert copy.copy(site) is site
    assert copy.deepcopy({"site": site})["site"] is site
    with pytest.raises(DataError, match=r"Call oda\.connect in the other process"):
        pickle.dumps(site)
