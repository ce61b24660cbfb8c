"""What a question is answered with: which sources, and the files for those who want files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import oda_widgets as oda
from tests.servers.our_server import OurServer


@pytest.fixture(scope="module")
def common(three_windows: Path) -> dict[str, Any]:
    """Give what all questions share: one window, a band, no position and no catalogue."""
    window = oda.connect(archive=three_windows).science_windows().ids[0]
    return {"instrument": "isgri", "scw_list": window, "E1_keV": "28", "E2_keV": "80"}


def test_without_a_catalogue_the_sources_are_those_of_the_image(
    server: OurServer, common: dict[str, Any]
) -> None:
    image = server.done(**common, product_type="isgri_image")["products"]
    found = image["catalog"]["cat_column_list"][1]
    spectra = server.done(**common, product_type="isgri_spectrum")["products"]
    kinds = [product["meta_data"] for product in spectra["numpy_data_product_list"]]
    assert found
    assert kinds == [
        f'{{"src_name": "{name}", "product": "isgri_{kind}"}}'
        for name in found
        for kind in ("spectrum", "arf", "rmf")
    ]
