"""Energy bands."""

from __future__ import annotations

import astropy.units as u
import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.instruments import described
from oda_widgets.request.queries import band_of


def test_a_band_is_given_in_kev_or_as_quantities() -> None:
    band = EnergyBand.parse((20, 40))
    assert EnergyBand.parse([20 * u.keV, 4e4 * u.eV]) == band
    assert EnergyBand.parse(band) is band


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ((40, 20), "Write energy=(20, 40)"),
        ((20, 20), "Widen the band"),
        ((14.9, 40), "outside 15 to 1000 keV"),
        ((20, 1000.1), "outside 15 to 1000 keV"),
        ((20, float("nan")), "not a finite number"),
        ((True, 40), "not a finite number"),
        (("twenty", 40), "not a number"),
        (20, "not a pair of energies"),
        ((20, 40, 60), "not a pair of energies"),
        ((20 * u.s, 40 * u.s), "not convertible to keV"),
    ],
)
def test_a_bad_band_is_refused_with_the_way_out(value: object, says: str) -> None:
    with pytest.raises(BadParameter, match="energy") as refused:
        EnergyBand.parse(value).within("isgri")
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("instrument", "inside", "outside"),
    [
        ("isgri", (15, 1000), (10, 40)),
        ("jemx1", (3, 35), (3, 40)),
        ("jemx2", (3.04, 34.88), (2, 10)),
        ("spi_acs", (80, 1e5), (80, 1e4)),
    ],
)
def test_each_instrument_has_its_own_range(
    instrument: str, inside: tuple[float, float], outside: tuple[float, float]
) -> None:
    assert EnergyBand(*inside).within(instrument) == EnergyBand(*inside)
    with pytest.raises(BadParameter, match="energy"):
        EnergyBand(*outside).within(instrument)


def test_an_instrument_of_another_mission_has_any_energy() -> None:
    assert EnergyBand(1e-4, 3e8).within("LAT").high == 3e8


@pytest.mark.parametrize(
    ("instrument", "energy", "says"),
    [
        ("jemx1", (-3, 10), "outside 3 to 35 keV"),
        ("isgri", (-3, 10), "outside 15 to 1000 keV"),
        ("spi_acs", (100, 200), r"SPI-ACS has one band, above 80 keV. Leave the energy out\."),
    ],
)
def test_a_band_is_refused_with_what_the_instrument_sees(
    instrument: str, energy: tuple[float, float], says: str
) -> None:
    with pytest.raises(BadParameter, match=says):
        band_of(energy, described(instrument))
