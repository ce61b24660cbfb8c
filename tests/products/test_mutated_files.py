"""Files of others with flipped bytes, cut ends and exchanged words: only errors of ours."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from pathlib import Path

import pytest

import oda_widgets as oda
from oda_widgets.errors import OdaError
from tests.products.test_files_of_others import FILES

NAMES = sorted(path.name for path in FILES.iterdir())
PER_FILE, SECONDS = 4, 20.0
WORDS = (
    b"keV ", b"MeV ", b"smoo", b"deg ", b"NAN ", b"1E99", b"  -1", b"   0", b"9999", b"'T' ",
    b"TT  ", b"HDU1", b"END ", b"'','",
)  # fmt: skip


def mutated(content: bytes, rng: random.Random) -> bytes:
    """Return bytes with one kind of damage."""
    changed = bytearray(content)
    kind = rng.randrange(4)
    if kind == 0:
        for _ in range(rng.randint(1, 30)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    elif kind == 1:
        del changed[rng.randrange(len(changed)) :]
    elif kind == 2:
        for _ in range(rng.randint(1, 10)):
            place = 80 * rng.randrange(len(changed) // 80) + rng.choice((0, 5, 10, 12, 20))
            changed[place : place + 4] = rng.choice(WORDS)
    else:
        start, other = (2880 * rng.randrange(max(len(changed) // 2880, 1)) for _ in range(2))
        changed[start : start + 2880] = content[other : other + 2880]
    return bytes(changed)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_damage_yields_errors_of_ours_in_time(tmp_path: Path, name: str) -> None:
    rng = random.Random(f"files {name}")
    content = (FILES / name).read_bytes()
    rmf, arf = FILES / "base.rmf", FILES / "base.arf"
    for number in range(PER_FILE):
        path = tmp_path / f"{number}{''.join(Path(name).suffixes)}"
        path.write_bytes(mutated(content, rng))
        begin = time.monotonic()
        for read in (
            oda.open,
            lambda file: oda.Spectrum.read(file, rmf, arf),
            lambda file: oda.Spectrum.read(FILES / "base.pha", file, arf),
            lambda file: oda.Spectrum.read(FILES / "base.pha", rmf, file),
        ):
            with suppress(OdaError):
                repr(read(path))
        assert time.monotonic() - begin < SECONDS
