"""Values that belong to one process: they are neither copied nor pickled."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn, Self

from oda_widgets.errors import DataError


class StaysHere:
    """Base of values that cannot be sent to other processes; a copy is the value itself."""

    _stays_because: ClassVar[str]  # the end of a sentence
    _instead: ClassVar[str]  # advice: what to send, or to do in the other process

    def __copy__(self) -> Self:
        """Return the value itself."""
        return self

    def __deepcopy__(self, _memo: Any) -> Self:
        """Return the value itself."""
        return self

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled.

        Raises
        ------
        DataError
            Always.
        """
        raise DataError(f"{self!r} cannot be pickled: {self._stays_because}.", self._instead)
