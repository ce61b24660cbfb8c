from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from oda_widgets.request.timespan import isot_utc
from oda_widgets.views.clock import utc_text


@given(st.floats(1000, 9500))
def test_it_agrees_with_astropy(ijd: float) -> None:
    assert utc_text(ijd) == isot_utc(ijd)


def test_it_knows_leap_seconds() -> None:
    new_year = 6210.0 + 69.184 / 86400  # 2017-01-01T00:00:00 UTC
    assert utc_text(new_year + 1e-9) == "2017-01-01T00:00:00.000"
    assert utc_text(new_year - 0.4 / 86400, 1) == "2016-12-31T23:59:60.6"


def test_minutes_are_enough_for_a_list() -> None:
    assert utc_text(8320.642361, 0) == "2022-10-12T15:23:51"
