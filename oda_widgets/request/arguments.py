"""Checks of arguments of any kind: truths, choices and lists, each refused in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import TYPE_CHECKING, Any

from oda_widgets.errors import BadParameter, NoSuchRow

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TRUTHS = {"bool", "bool_"}  # numpy's too
_NO_PAIRS = (str, bytes, bytearray, Mapping, AbstractSet)  # though two things may be in them


def truth(parameter: str, value: Any) -> bool:
    """Return True or False; nothing else is taken for one of them.

    Raises
    ------
    BadParameter
        If it is neither.
    """
    if type(value).__name__ not in _TRUTHS:
        raise BadParameter(parameter, value, "neither True nor False", f"Write {parameter}=True.")
    return bool(value)


def one_of(parameter: str, value: Any, known: Iterable[Any]) -> Any:
    """Return a value that is one of a few.

    Raises
    ------
    BadParameter
        If it is not; the message lists them.
    """
    choices = tuple(known)
    # Compared by kind first: an array compares to an array, of which no truth follows.
    for choice in choices:
        of_its_kind = isinstance(value, type(choice)) and not isinstance(value, bool)
        if of_its_kind and _equal(value, choice):
            return choice
    advice = f"Choose one of: {', '.join(map(str, choices))}."
    raise BadParameter(parameter, value, "not one of those known", advice)


def _equal(value: Any, other: Any) -> bool:
    try:
        return bool(value == other)
    except Exception:  # noqa: BLE001 - whatever the value does when it is compared
        return False


def listed(parameter: str, values: Any, most: int) -> list[Any]:
    """Return the values of an iterable, which may be endless, up to a limit.

    Parameters
    ----------
    parameter
        Name of the parameter, for the message.
    values
        A list or any other iterable.
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
    except Exception as error:  # noqa: BLE001 - whatever the values do when they are gone through
        advice = f"Write it as in {parameter}=[...]."
        cause = None if isinstance(error, TypeError) else error
        raise BadParameter(parameter, values, "not a list", advice) from cause
    if len(found) > most:
        limit = f"it has more than {most:,} values"
        raise BadParameter(parameter, values, limit, "Give fewer.")
    return found


def array_of(parameter: str, values: Any, most: int) -> NDArray[Any]:
    """Return an array of values, which are counted before memory is taken for them.

    A single value is one of shape ().

    Raises
    ------
    BadParameter
        If there are more than the limit, or they are no array.

    Examples
    --------
    >>> array_of("levels", range(10**15), most=1000)
    Traceback (most recent call last):
        ...
    oda_widgets.errors.BadParameter: levels=range(0, 1000000000000000): ... than 1,000 values. ...
    """
    import numpy as np  # noqa: PLC0415 - queries are made without it

    advice = f"Write it as in {parameter}=[...]."
    if isinstance(values, Mapping | AbstractSet):  # in no order that counts
        raise BadParameter(parameter, values, "not a list of values", advice)
    if hasattr(values, "__iter__") and not hasattr(values, "__array__"):
        values = values if isinstance(values, str | bytes) else listed(parameter, values, most)
    try:
        found = np.asarray(values)
    except Exception:  # noqa: BLE001 - whatever the values do when numpy asks them
        raise BadParameter(parameter, values, "not a list of values", advice) from None
    if found.size > most:
        limit = f"it has more than {most:,} values"
        raise BadParameter(parameter, values, limit, "Give fewer.")
    return found


def pair(parameter: str, value: Any, limit: str, advice: str) -> tuple[Any, Any]:
    """Return the two values of a pair: not those of a text, a set or a dictionary of two.

    Raises
    ------
    BadParameter
        If it is no pair; `limit` and `advice` say what is wanted.

    Examples
    --------
    >>> pair("energy", [20, 40], "not a pair of energies", "Write energy=(20, 40).")
    (20, 40)
    """
    try:
        first, second = islice(iter(value), 3)
    except Exception:  # noqa: BLE001 - whatever the value does when it is gone through
        raise BadParameter(parameter, value, limit, advice) from None
    if isinstance(value, _NO_PAIRS):
        raise BadParameter(parameter, value, limit, advice)
    return first, second


def item_of(parameter: str, items: tuple[Any, ...], index: Any) -> Any:
    """Return what stands at an index, or at a slice, of a list.

    Raises
    ------
    NoSuchRow
        If it has no such place, or the index is neither a whole number nor a slice.

    Examples
    --------
    >>> item_of("catalog", ("Crab",), 5)
    Traceback (most recent call last):
        ...
    oda_widgets.errors.NoSuchRow: catalog=5: there are 1, counted from 0. Give ...
    """
    try:
        place: Any = index if type(index).__name__ not in _TRUTHS else None
        return items[place]
    except Exception:  # noqa: BLE001 - no such place, or whatever the index does
        limit = f"there are {len(items)}, counted from 0"
        advice = "Give a whole number below that, or a slice."
        raise NoSuchRow(parameter, index, limit, advice) from None


def called(parameter: str, value: Any) -> Callable[..., Any] | None:
    """Return a function that is to be called, or None.

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
