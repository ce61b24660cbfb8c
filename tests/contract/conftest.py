"""The backends that the contract holds for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

import oda_widgets as oda
from oda_widgets.workers.progress import Muted

CRAB = oda.SourceCatalog.of([oda.CatalogSource("Crab", 83.633, 22.014)])


@dataclass
class Party:
    """A backend and what it can be asked.

    Parameters
    ----------
    site
        The site over it.
    windows
        That it has.
    energy
        A band.
    missing
        A window that it has not, or that fails.
    """

    site: oda.Site
    windows: tuple[str, ...]
    energy: tuple[float, float] = (28, 80)
    missing: str = "999999990010.001"

    @cached_property
    def image_query(self) -> oda.ImageQuery:
        """A question for an image."""
        return oda.ImageQuery(
            science_windows=self.windows,
            energy=self.energy,  # type: ignore[arg-type]
            source=self.site.resolve("Crab"),
            detection_threshold=7,
        )

    @cached_property
    def spectrum_query(self) -> oda.SpectrumQuery:
        """A question for spectra."""
        return oda.SpectrumQuery(science_windows=self.windows, catalog=CRAB)

    @cached_property
    def curve_query(self) -> oda.LightCurveQuery:
        """A question for light curves."""
        return oda.LightCurveQuery(
            science_windows=self.windows,
            catalog=CRAB,
            energy=self.energy,  # type: ignore[arg-type]
            time_bin=20,
        )


@pytest.fixture(scope="session")
def parties(
    three_windows: Path,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Callable[[str], Party]:
    """Give a function that opens a backend by its name, once."""
    folder = tmp_path_factory.mktemp("contract")
    opened: dict[str, Party] = {}

    def embedded() -> Party:
        site = oda.connect(archive=three_windows)
        return Party(site, site.science_windows().ids[:2])

    def own_server() -> Party:
        server = request.getfixturevalue("our_server")
        return Party(oda.connect(server.address, token=""), get("embedded").windows)

    def real_dispatcher() -> Party:
        address = request.getfixturevalue("real_dispatcher")
        windows = ("066500220010.001", "066500230010.001")
        return Party(oda.connect(address, token="", osa_version="OSA10.2"), windows, (20, 40))

    def recorded() -> Party:
        party = get("embedded")
        recording = oda.connect(archive=three_windows)
        recording.record(folder / "answers.zip")
        recording.science_windows("Crab")
        for query in (party.image_query, party.spectrum_query, party.curve_query):
            recording._backend.run(query, Muted())
        return Party(oda.connect(f"recorded:{folder / 'answers.zip'}"), party.windows)

    makers = {f.__name__: f for f in (embedded, own_server, real_dispatcher, recorded)}

    def get(name: str) -> Party:
        if name not in opened:
            opened[name] = makers[name]()
        return opened[name]

    return get


@pytest.fixture(params=["embedded", "own_server", "real_dispatcher", "recorded"])
def party(request: pytest.FixtureRequest, parties: Callable[[str], Party]) -> Party:
    """Give each backend in turn."""
    return parties(request.param)
