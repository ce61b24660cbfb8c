"""The backends that the contract holds for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

import oda_widgets as oda
from oda_widgets.request.instruments import described
from oda_widgets.workers.progress import Muted

MINUTE = (("2019-03-11T18:30:00", "2019-03-11T18:31:00"),)
CRAB = oda.SourceCatalog.of([oda.CatalogSource("Crab", 83.633, 22.014)])


@dataclass
class Party:
    """A backend and the queries that it serves.

    Parameters
    ----------
    site
        The site over it.
    windows
        That it has.
    energy
        A band; None for that of the instrument.
    missing
        A window that it has not, or that fails.
    instrument
        That the queries are about.
    """

    site: oda.Site
    windows: tuple[str, ...]
    energy: tuple[float, float] | None = (28, 80)
    missing: str = "999999990010.001"
    instrument: str = "isgri"

    @property
    def source(self) -> str:
        """Name of the source of its light curves."""
        return "Crab" if described(self.instrument).sources else "SPI-ACS"

    @property
    def queries(self) -> tuple[Any, ...]:
        """A question for each product that the instrument has."""
        if not described(self.instrument).sources:
            return (self.curve_query,)
        return self.image_query, self.spectrum_query, self.curve_query

    @cached_property
    def image_query(self) -> oda.ImageQuery:
        """A question for an image."""
        return oda.ImageQuery(
            science_windows=self.windows,
            energy=self.energy,  # type: ignore[arg-type]
            source=self.site.resolve("Crab"),
            detection_threshold=7,
            instrument=self.instrument,
        )

    @cached_property
    def spectrum_query(self) -> oda.SpectrumQuery:
        """A question for spectra."""
        return oda.SpectrumQuery(
            science_windows=self.windows, catalog=CRAB, instrument=self.instrument
        )

    @cached_property
    def curve_query(self) -> oda.LightCurveQuery:
        """A question for light curves."""
        if not described(self.instrument).sources:
            return oda.LightCurveQuery(
                instrument=self.instrument,
                intervals=MINUTE,  # type: ignore[arg-type]
            )
        return oda.LightCurveQuery(
            science_windows=self.windows,
            catalog=CRAB,
            energy=self.energy,  # type: ignore[arg-type]
            time_bin=20,
            instrument=self.instrument,
        )


BACKENDS = ("embedded", "own_server", "real_dispatcher", "recorded")
IMAGERS = ("isgri", "jemx1", "jemx2")
PARTIES = [(name, one) for one in (*IMAGERS, "spi_acs") for name in BACKENDS]
PARTIES.remove(("real_dispatcher", "spi_acs"))  # its release has no such instrument


@pytest.fixture(scope="session")
def parties(
    three_windows: Path,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Callable[..., Party]:
    """Give a function that opens a backend by its name and an instrument, once."""
    folder = tmp_path_factory.mktemp("contract")
    opened: dict[tuple[str, str], Party] = {}

    def archive_for(instrument: str) -> Path | str:
        return three_windows if instrument == "isgri" else "simulated"

    def embedded(instrument: str) -> Party:
        site = oda.connect(archive=archive_for(instrument))
        if instrument == "isgri":
            return Party(site, site.science_windows().ids[:2])
        windows = site.science_windows("Crab", instrument=instrument, limit=1, radius=3).ids
        return Party(site, windows, None, instrument=instrument)

    def own_server(instrument: str) -> Party:
        name = "our_server" if instrument == "isgri" else "default_server"
        server = request.getfixturevalue(name)
        site = oda.connect(server.address, token="")
        return replace(get("embedded", instrument), site=site)

    def real_dispatcher(instrument: str) -> Party:
        address = request.getfixturevalue("real_dispatcher")
        windows = ("066500220010.001", "066500230010.001")
        site = oda.connect(address, token="", osa_version="OSA10.2")
        return Party(site, windows, described(instrument).wire.band, instrument=instrument)

    def recorded(instrument: str) -> Party:
        party, file = get("embedded", instrument), folder / f"{instrument}.zip"
        recording = oda.connect(archive=archive_for(instrument))
        recording.record(file)
        recording.science_windows("Crab")
        for query in party.queries:
            recording._backend.run(query, Muted())
        return replace(party, site=oda.connect(f"recorded:{file}"))

    makers = {f.__name__: f for f in (embedded, own_server, real_dispatcher, recorded)}

    def get(name: str, instrument: str = "isgri") -> Party:
        if (name, instrument) not in opened:
            opened[name, instrument] = makers[name](instrument)
        return opened[name, instrument]

    return get


def _called(pair: tuple[str, str]) -> str:
    return "-".join(pair)


@pytest.fixture(params=PARTIES, ids=_called)
def party(request: pytest.FixtureRequest, parties: Callable[..., Party]) -> Party:
    """Give each backend and instrument in turn."""
    return parties(*request.param)


@pytest.fixture(params=[pair for pair in PARTIES if pair[1] in IMAGERS], ids=_called)
def imager(request: pytest.FixtureRequest, parties: Callable[..., Party]) -> Party:
    """Give each backend and each instrument that makes images in turn."""
    return parties(*request.param)
