"""The GROUPING table, which comes first in image files of OSA."""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from oda_widgets.products.files.cards import append_cards
from oda_widgets.products.files.columns import float_column, integer_column, text_column
from oda_widgets.products.files.observation_keywords import observation_cards
from oda_widgets.products.observation import Observation
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.timespan import SECONDS_PER_DAY

# Members follow the primary HDU and this table; positions count from 1.
_FIRST_MEMBER = 3


def grouping_hdu(
    member: str, kinds: list[str], energy: EnergyBand, observation: Observation
) -> fits.BinTableHDU:
    """Return the table with one row for each image.

    Parameters
    ----------
    member
        EXTNAME of the images.
    kinds
        IMATYPE of each image.
    energy, observation
        Energy band and observation of all images.
    """
    columns = [*_member_columns(member, kinds), *_content_columns(kinds, energy, observation)]
    hdu = fits.BinTableHDU.from_columns(columns, name="GROUPING")
    append_cards(
        hdu.header,
        [
            ("EXTVER", 1, "number of this group"),
            ("GRPNAME", f"{member}-IDX", "name of the group"),
            ("IDXMEMBR", member, "EXTNAME of the members"),
            ("BASETYPE", "DAL_GROUP", "Data Access Layer base type"),
            *observation_cards(observation),
        ],
    )
    return hdu


def _member_columns(member: str, kinds: list[str]) -> list[fits.Column]:
    numbers = np.arange(len(kinds))
    return [
        text_column("MEMBER_XTENSION", ["IMAGE"] * len(kinds), width=8),
        text_column("MEMBER_NAME", [member] * len(kinds), width=32),
        integer_column("MEMBER_VERSION", numbers + 1),
        integer_column("MEMBER_POSITION", numbers + _FIRST_MEMBER),
        text_column("IMATYPE", kinds, width=32),
    ]


def _content_columns(
    kinds: list[str], energy: EnergyBand, observation: Observation
) -> list[fits.Column]:
    def repeated(value: float) -> NDArray[np.float64]:
        return np.full(len(kinds), value, dtype=np.float64)

    elapsed = (observation.stop - observation.start) * SECONDS_PER_DAY
    return [
        integer_column("CHANMIN", repeated(floor(energy.low))),
        integer_column("CHANMAX", repeated(ceil(energy.high))),
        float_column("E_MIN", repeated(energy.low), "keV"),
        float_column("E_MEAN", repeated((energy.low + energy.high) / 2), "keV"),
        float_column("E_MAX", repeated(energy.high), "keV"),
        float_column("TFIRST", repeated(observation.start), "d"),
        float_column("TLAST", repeated(observation.stop), "d"),
        float_column("TELAPSE", repeated(elapsed), "s"),
        float_column("ONTIME", repeated(observation.ontime), "s"),
    ]
