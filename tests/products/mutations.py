"""Files of every kind that is read, with one kind of damage each."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import random
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np

from tests.products.kinds import kinds, tried

GZIP = b"\x1f\x8b"
PACKERS: tuple[Callable[[bytes], bytes], ...] = (
    gzip.compress,
    bz2.compress,
    lzma.compress,
    lambda content: gzip.compress(gzip.compress(content)),
)
# What a VOTable may name, which is not to be opened.
STREAM = b'<BINARY><STREAM href="http://127.0.0.1:1/x"/></BINARY>'
WORDS = (
    b"keV ", b"MeV ", b"smoo", b"deg ", b"NAN ", b"1E99", b"  -1", b"   0", b"9999", b"'T' ",
    b"TT  ", b"HDU1", b"END ", b"'','", b"1PE(", b"\xff\xfe\xfd\xfc", b"\x7f\xf0\0\0", b"true",
    b"null", b"[[[[", b"&a; ", b"\xe2\x80\xa8 ", b"1e400", b"{}{}", b"\\x1b",
)  # fmt: skip

Mutated = tuple[Path, Callable[[Path], object]]


def mutations(folder: Path, number: int, seed: str) -> Iterator[Mutated]:
    """Yield mutated files with the function that reads each, as many of every original."""
    (folder / "sound").mkdir()
    sound = kinds(folder / "sound")
    rng = random.Random(seed)
    for count in range(number):
        original, read = sound[count % len(sound)]
        path = folder / f"{count}" / original.name
        path.parent.mkdir()
        path.write_bytes(_mutated(original, rng))
        yield path, partial(tried, read)


def _mutated(original: Path, rng: random.Random) -> bytes:
    content = original.read_bytes()
    if content.startswith(GZIP) and rng.random() < 0.8:
        return gzip.compress(damaged(gzip.decompress(content), rng), 1)
    if original.suffix == ".vot" and rng.random() < 0.5:
        return rng.choice(PACKERS)(_with_address(content))
    if rng.random() < 0.1:
        return rng.choice(PACKERS)(damaged(content, rng))
    if original.suffix == ".zip" and rng.random() < 0.7:
        return _with_other_answers(content, rng)
    return damaged(content, rng)


def _with_address(content: bytes) -> bytes:
    """Return a VOTable whose rows are elsewhere."""
    head, _, rest = content.partition(b"<TABLEDATA>")
    return head + STREAM + rest.partition(b"</TABLEDATA>")[2]


def _with_other_answers(content: bytes, rng: random.Random) -> bytes:
    """Return a recording whose answers are damaged, but named by their hashes."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            member, written = old.read(name), name
            if name.endswith(".answer"):
                member = damaged(member, rng)
                key = name.split(".")[0]
                written = f"{key}.{hashlib.sha256(member).hexdigest()}.answer"
            new.writestr(written, member)
    return buffer.getvalue()


def damaged(content: bytes, rng: random.Random) -> bytes:
    """Return bytes with one kind of damage."""
    changed, size = bytearray(content), len(content)
    kind = rng.randrange(6)
    if kind == 0:
        for _ in range(rng.randint(1, 30)):
            changed[rng.randrange(size)] = rng.randrange(256)
    elif kind == 1:
        del changed[rng.randrange(size) :]
    elif kind == 2:
        for _ in range(rng.randint(1, 10)):
            place = 80 * rng.randrange(size // 80 + 1) + rng.choice((0, 5, 10, 12, 20))
            changed[place : place + 4] = rng.choice(WORDS)
    elif kind == 3:
        step = 2880 if size > 5760 else 40
        start, other = (step * rng.randrange(max(size // (2 * step), 1)) for _ in range(2))
        changed[start : start + step] = content[other : other + step]
    elif kind == 4:
        digits = np.flatnonzero(np.isin(np.frombuffer(content, np.uint8), list(b"0123456789")))
        for _ in range(rng.randint(1, 5) if len(digits) else 0):
            place = int(rng.choice(digits))
            changed[place : place + 1] = rng.choice((b"9", b"0", b"-", b"99999999", b"e999"))
    else:
        place = rng.randrange(size)
        changed[place:place] = rng.choice(WORDS) * rng.choice((1, 10, 10_000))
    return bytes(changed)
