"""Products of several sources saved into a folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.products.by_source import BySource
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.source import Source
from tests.products.examples import make_light_curve, make_spectrum

NAMES = ("Crab", "IGR J12/34?", "igr j12 34 ")


def named(product: LightCurve | Spectrum, name: str) -> LightCurve | Spectrum:
    return replace(product, source=Source(name, 10, 20, "by hand"))


def test_every_light_curve_has_a_file_of_its_own(tmp_path: Path) -> None:
    curves = BySource(tuple(named(make_light_curve(), name) for name in NAMES))
    curves.save(tmp_path / "new" / "curves", time_unit="s")
    files = sorted((tmp_path / "new" / "curves").iterdir())
    assert [path.name for path in files] == [
        "Crab_light_curve_28-80_keV.fits",
        "IGR_J12_34_light_curve_28-80_keV.fits",
        "igr_j12_34_light_curve_28-80_keV_2.fits",
    ]
    assert {LightCurve.read(path).name.strip() for path in files} == {n.strip() for n in NAMES}


def test_spectra_bring_their_responses_and_share_a_folder_with_light_curves(tmp_path: Path) -> None:
    BySource((make_light_curve(),)).save(tmp_path)
    BySource((make_spectrum(),)).save(tmp_path)
    assert len(list(tmp_path.iterdir())) == 4
    assert Spectrum.read(tmp_path / "Crab_spectrum.fits").response is not None


def test_nothing_is_written_over_or_in_part(tmp_path: Path) -> None:
    (tmp_path / "Crab_light_curve_28-80_keV.fits").write_text("mine")
    curves = BySource(tuple(named(make_light_curve(), name) for name in NAMES))
    with pytest.raises(BadParameter, match="exists already"):
        curves.save(tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(BadParameter, match="a folder"):
        curves.save(tmp_path / "curves.fits")
    with pytest.raises(BadParameter, match="folder"):
        curves.save(tmp_path / "Crab_light_curve_28-80_keV.fits" / "inside")
