"""A source that no window of a query sees is refused with the distance and with windows that do."""

from __future__ import annotations

from dataclasses import replace

from oda_widgets.analysis.out_of_view import out_of_view
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.source import Source

CRAB = Source("Crab", 83.63, 22.01)


def window(number: int, dec: float) -> ScienceWindow:
    return ScienceWindow(f"0066{number:04}0010.001", 1200.0, 1200.1, CRAB.ra, dec, 0, 0, 3600)


def test_it_says_how_far_and_which_windows_would_see_it() -> None:
    asked = [window(0, CRAB.dec + 30), window(1, CRAB.dec + 25)]
    nearer = [window(number, CRAB.dec + number) for number in range(2, 12)]
    error = out_of_view("source", [CRAB], asked, [*asked, *nearer], "isgri")
    assert str(error).startswith("source='Crab': 25.0 deg from the nearest line of sight")
    first = "006600020010.001, 006600030010.001, 006600040010.001 and 7 more"
    assert error.advice == f'Choose windows with site.science_windows("Crab"): {first}.'


def test_windows_count_in_which_the_instrument_was_on_and_near_enough_for_it() -> None:
    asked = [window(0, CRAB.dec + 10)]
    on = [replace(window(n, CRAB.dec + n), others=(("jemx1", 3000.0),)) for n in (3, 6)]
    error = out_of_view("catalog", [CRAB], asked, [*asked, window(1, CRAB.dec), *on], "jemx1")
    assert "outside the field of view of JEM-X1" in error.limit
    assert 'site.science_windows("Crab", instrument="jemx1"): 006600030010.001.' in error.advice
    nowhere = out_of_view("catalog", [CRAB], asked, asked, "jemx1")
    assert nowhere.advice.startswith("No window of the archive points within 4 deg")
