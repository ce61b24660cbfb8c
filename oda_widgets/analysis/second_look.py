"""Images of windows put aside on disk, for a second look when all have been seen once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import numpy as np

from oda_widgets.engine.mosaic import Footprint, MosaicGrid
from oda_widgets.errors import StoreError


class SecondLook:
    """Gives images again, in order; a context, because a file is open meanwhile.

    The store may keep nothing, and a window that killed its workers must not be read again: what
    was seen once is neither computed nor looked for a second time, and memory does not grow.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed at our own end
        self._grids: list[MosaicGrid] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, image: Footprint) -> None:
        """Put an image aside.

        Raises
        ------
        StoreError
            If there is no room for it.
        """
        try:
            for values in (image.flux, image.weight, image.exposure):
                np.save(self._file, values, allow_pickle=False)
        except OSError as error:
            problem = f"The temporary folder {tempfile.gettempdir()} cannot be written: {error}."
            raise StoreError(problem, "Make room there, or set TMPDIR to another folder.") from None
        self._grids.append(image.grid)

    def __iter__(self) -> Iterator[Footprint]:
        self._file.seek(0)
        for grid in self._grids:
            yield Footprint(grid, *(np.load(self._file, allow_pickle=False) for _ in range(3)))
