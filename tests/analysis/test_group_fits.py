"""Light curves in other bins come from the fits of the first: no event is read, nothing fitted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import oda_widgets as oda
from tests.analysis.compare import same

pytestmark = pytest.mark.usefixtures("cache")

BURST = ("2022-10-12T15:20:27", "2022-10-12T15:20:40")
CATALOG = oda.SourceCatalog.of([oda.CatalogSource("SGR 1935+2154", 293.73199, 21.89672)])


def curve(time_bin: float, **changes: Any) -> oda.LightCurve:
    words = {"energy": (28, 80), "catalog": CATALOG, "intervals": [BURST]} | changes
    (found,) = oda.connect(archive="sample").light_curves(time_bin=time_bin, **words).values()
    return found


def fits_of(found: oda.LightCurve) -> list[Any]:
    assert found.provenance is not None
    return [step for step in found.provenance.nodes if step.name == "ISGRIGroupFits"]


def test_finer_and_coarser_bins_are_sums_of_the_same_fits(decoded: list[str]) -> None:
    first = curve(4)
    others = [curve(time_bin) for time_bin in (1, 3, 100)]
    assert len(decoded) == 1
    assert [fits.from_store for fits in fits_of(first)] == [False]
    assert all([fits.from_store for fits in fits_of(other)] == [True] for other in others)


def test_they_are_those_of_an_empty_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decoded: list[str]
) -> None:
    curve(4)
    reused = curve(2)
    monkeypatch.setenv("ODA_WIDGETS_CACHE_FOLDER", str(tmp_path / "another"))
    same(reused, curve(2))
    assert len(decoded) == 2


def test_bins_add_up_to_longer_ones() -> None:
    fine, coarse = curve(1), curve(4)
    counts = [found.rate * found.width * found.exposed_fraction for found in (fine, coarse)]
    assert counts[0].sum() == pytest.approx(counts[1].sum(), rel=1e-5)
    whole = len(fine.rate) // 4
    sums = counts[0][: 4 * whole].reshape(whole, 4).sum(axis=1)
    assert sums[:-1] == pytest.approx(counts[1][: whole - 1], rel=1e-4)


def test_bins_of_parts_of_seconds_keep_no_sums(decoded: list[str]) -> None:
    assert fits_of(curve(0.5)) == []
    assert fits_of(curve(2.5)) == []
    assert len(decoded) == 2


def test_another_band_and_another_source_are_other_fits(decoded: list[str]) -> None:
    curve(4)
    curve(4, energy=(28, 60))
    more = oda.SourceCatalog.of([*CATALOG, oda.CatalogSource("Other", 287.28, 34.56)])
    oda.connect(archive="sample").light_curves(
        time_bin=4, energy=(28, 80), catalog=more, intervals=[BURST]
    )
    assert len(decoded) == 3


def test_the_plan_of_finer_bins_knows_that_little_is_left() -> None:
    site = oda.connect(archive="sample")
    ids = site.science_windows().ids
    words: dict[str, Any] = {"energy": (28, 80), "catalog": CATALOG, "intervals": [BURST]}
    query = oda.LightCurveQuery(science_windows=ids, time_bin=4, **words)
    before = site.plan(query)
    site.light_curves(time_bin=4, **words)
    site._backend._store.times.measured("ISGRIGroupFits from isgri_efficiency", 1e6)
    finer = oda.LightCurveQuery(science_windows=ids, time_bin=2, **words)
    after = site.plan(finer)
    assert len(before.to_do) == 4
    assert len(after.to_do) == 2
    assert after.seconds is not None
    assert after.seconds < 1e5
