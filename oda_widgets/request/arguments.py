"""Checks of arguments: booleans, choices, lists, pairs, indices and functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import TYPE_CHECKING, Any

from oda_widgets.errors import BadParameter, NoSuchRow

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BOOLEANS = {"bool", "bool_"}  # names of the types in Python and NumPy
_NOT_PAIRS = (str, bytes, bytearray, Mapping, AbstractSet)  # even if they hold two items


def truth(parameter: str, value: Any) -> bool:
    """Check that a value is True or False, and return it as a `bool`.

    Raises
    ------
    BadParameter
        If it is neither.
    """
    if type(value).__name__ not in _BOOLEANS:
        raise BadParameter(parameter, value, "neither True nor False", f"Write {parameter}=True.")
    return bool(value)


def one_of(parameter: str, value: Any, known: Iterable[Any]) -> Any:
    """Check that a value is one of the known ones, and return it.

    Raises
    ------
    BadParameter
        If it is not; the message lists the known ones.
    """
    choices = tuple(known)
    for choice in choices:
        # Compare types first: comparing an array gives an array, which is neither true nor false.
        same_type = isinstance(value, type(choice)) and not isinstance(value, bool)
        if same_type and _equal(value, choice):
            return choice
    advice = f"Choose one of: {', '.join(map(str, choices))}."
    raise BadParameter(parameter, value, "not one of those known", advice)


def _equal(value: Any, other: Any) -> bool:
    try:
        return bool(value == other)
    except Exception:  # noqa: BLE001 - comparing a foreign value may raise anything
        return False


def listed(parameter: str, values: Any, most: int) -> list[Any]:
    """Return the values of an iterable as a list, and refuse more than `most` of them.

    Parameters
    ----------
    parameter
        Name of the parameter, for the message.
    values
        A list or any other iterable, perhaps without end.
    most
        Largest number of values.

    Raises
    ------
    BadParameter
        If it is not iterable, or has more values than that.

    Examples
    --------
    >>> from itertools import count
    >>> listed("edges", count(), most=1000)
    Traceback (most recent call last):
        ...
    oda_widgets.errors.BadParameter: edges=count(1001): it has more than 1,000 values. Give fewer.
    """
    try:
        found = list(islice(iter(values), most + 1))
    except Exception as error:  # noqa: BLE001 - iterating over a foreign value may raise anything
        advice = f"Write it as in {parameter}=[...]."
        cause = None if isinstance(error, TypeError) else error
        raise BadParameter(parameter, values, "not a list", advice) from cause
    if len(found) > most:
        limit = f"it has more than {most:,} values"
        raise BadParameter(parameter, values, limit, "Give fewer.")
    return found


def array_of(parameter: str, values: Any, most: int) -> NDArray[Any]:
    """Return values as an array, after counting them, so that endless ones cost no memory.

    A single value becomes an array of shape ().

    Raises
    ------
    BadParameter
        If there are more than `most` values, or they do not form an array.

    Examples
    --------
    >>> array_of("levels", range(10**15), most=1000)
    Traceback (most recent call last):
        ...
    oda_widgets.errors.BadParameter: levels=range(0, 1000000000000000): ... than 1,000 values. ...
    """
    import numpy as np  # noqa: PLC0415 - making a query does not need it

    advice = f"Write it as in {parameter}=[...]."
    if isinstance(values, Mapping | AbstractSet):  # their order means nothing
        raise BadParameter(parameter, values, "not a list of values", advice)
    if hasattr(values, "__iter__") and not hasattr(values, "__array__"):
        values = values if isinstance(values, str | bytes) else listed(parameter, values, most)
    try:
        found = np.asarray(values)
    except Exception:  # noqa: BLE001 - converting a foreign value may raise anything
        raise BadParameter(parameter, values, "not a list of values", advice) from None
    if found.size > most:
        limit = f"it has more than {most:,} values"
        raise BadParameter(parameter, values, limit, "Give fewer.")
    return found


def pair(parameter: str, value: Any, limit: str, advice: str) -> tuple[Any, Any]:
    """Return the two values of a pair; text, sets and dictionaries are not pairs.

    Raises
    ------
    BadParameter
        With the text of `limit` and `advice`, if it is not a pair.

    Examples
    --------
    >>> pair("energy", [20, 40], "not a pair of energies", "Write energy=(20, 40).")
    (20, 40)
    """
    try:
        first, second = islice(iter(value), 3)
    except Exception:  # noqa: BLE001 - iterating over a foreign value may raise anything
        raise BadParameter(parameter, value, limit, advice) from None
    if isinstance(value, _NOT_PAIRS):
        raise BadParameter(parameter, value, limit, advice)
    return first, second


def item_of(parameter: str, items: tuple[Any, ...], index: Any) -> Any:
    """Return the item at an index, or the items of a slice.

    Raises
    ------
    NoSuchRow
        If the index is out of range, or neither a whole number nor a slice.

    Examples
    --------
    >>> item_of("catalog", ("Crab",), 5)
    Traceback (most recent call last):
        ...
    oda_widgets.errors.NoSuchRow: catalog=5: there are 1, counted from 0. Give ...
    """
    try:
        checked: Any = index if type(index).__name__ not in _BOOLEANS else None
        return items[checked]
    except Exception:  # noqa: BLE001 - out of range, or a foreign index that raises anything
        limit = f"there are {len(items)}, counted from 0"
        advice = "Give a whole number below that, or a slice."
        raise NoSuchRow(parameter, index, limit, advice) from None


def called(parameter: str, value: Any) -> Callable[..., Any] | None:
    """Check that a value is a function or None, and return it.

    Raises
    ------
    BadParameter
        If it is neither.
    """
    if value is not None and not callable(value):
        advice = f"Write {parameter}=None for none."
        raise BadParameter(parameter, value, "not a function", advice)
    found: Callable[..., Any] | None = value
    return found
