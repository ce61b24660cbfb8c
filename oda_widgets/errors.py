"""The errors of oda_widgets; each message names the problem and the next step.

::

    OdaError
    ├── BadParameter (a ValueError)       a value that cannot be accepted
    │   ├── UnknownSource                 a name that no catalogue knows
    │   ├── BadCall (a TypeError)         too many values, or one without its name
    │   │   ├── UnknownKeyword            a keyword that a function does not have
    │   │   └── MissingValue              a value that a function needs and did not get
    │   ├── NoSuchName (a KeyError)       a name that a mapping does not have
    │   └── NoSuchRow (an IndexError)     an index that a list does not have
    ├── DataError                         data that cannot be used
    │   ├── ArchiveError                  not an archive, or a window that is not in it
    │   ├── DamagedFile                   truncated, foreign or inconsistent
    │   └── EmptySelection                a valid query that selects nothing
    ├── StoreError                        a store of results that cannot be used
    ├── JobError                          a job that ended without a product
    │   └── JobCancelled                  because it was cancelled
    ├── ServiceError                      a server that cannot be reached, or fails
    │   ├── NoDispatcher                  because it is no dispatcher
    │   ├── NotAccepted                   because it does not accept the query
    │   └── NotAllowed                    because it needs a token, or another one
    └── MissingTool                       an optional program or package is absent
"""

from __future__ import annotations

import zlib
from unicodedata import category

FOREIGN_TROUBLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    MemoryError,
    OSError,
    EOFError,
    zlib.error,
    ValueError,
    TypeError,
)
"""The errors that astropy and numpy raise for bad files; astropy's `VerifyError` is another.

RuntimeError covers recursion and unimplemented formats, LookupError unknown ones.
"""

_LONGEST_VALUE = 120  # characters of a value, or of the name of a parameter
LONGEST_TEXT = 4000  # characters of a problem or an advice; lists of 40 names fit
_MOST_BITS = 1000  # of an integer that is shown in digits


class OdaError(Exception):
    """Base of all errors of oda_widgets.

    Parameters
    ----------
    problem
        What is wrong, one sentence, with the value at fault.
    advice
        What the user can do next, one sentence.

    Examples
    --------
    >>> try:
    ...     site.image("SGR 1935+2154", energy=(40, 20))
    ... except oda.OdaError as error:
    ...     print(error.advice)
    Write energy=(20, 40).
    """

    def __init__(self, problem: str, advice: str) -> None:
        self.problem, self.advice = readable(problem), readable(advice)
        super().__init__(self.problem, self.advice)

    def __str__(self) -> str:
        return f"{self.problem} {self.advice}"


class BadParameter(OdaError, ValueError):
    """A parameter whose value cannot be accepted.

    Parameters
    ----------
    parameter
        Name of the parameter, as in the API, on the command line and in the panel.
    value
        The value that was given; long values are shortened in the message.
    limit
        The rule that it breaks, as a clause.
    advice
        What to write instead.
    """

    def __init__(self, parameter: str, value: object, limit: str, advice: str) -> None:
        self.parameter = parameter
        self.value = value
        self.limit = readable(limit)
        super().__init__(f"{clipped(parameter)}={shorten(value)}: {self.limit}.", advice)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Pickle all arguments, so that errors from worker processes are complete."""
        return type(self), (self.parameter, self.value, self.limit, self.advice)


class UnknownSource(BadParameter):
    """A source name that no catalogue or service knows."""


class BadCall(BadParameter, TypeError):
    """Too many values, or one without its name; a `TypeError` too, like Python's own."""


class UnknownKeyword(BadCall):
    """A keyword that a function does not have."""


class MissingValue(BadCall):
    """A value that a function needs and did not get.

    Parameters
    ----------
    parameter
        Name of the parameter.
    called
        Function that needs it.
    advice
        What to write instead.
    """

    def __init__(self, parameter: str, called: str, advice: str) -> None:
        self.parameter, self.value, self.limit = parameter, None, f"{called} needs it"
        OdaError.__init__(self, f"{clipped(parameter)} is missing: {self.limit}.", advice)
        self._called = called

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Pickle all arguments, so that errors from worker processes are complete."""
        return type(self), (self.parameter, self._called, self.advice)


class NoSuchName(BadParameter, KeyError):
    """A name that a mapping does not have; a `KeyError` too, as mappings promise."""


class NoSuchRow(BadParameter, IndexError):
    """An index that a list does not have; an `IndexError` too, as sequences promise."""


class DataError(OdaError):
    """Data that cannot be used."""


class ArchiveError(DataError):
    """A folder that is not an archive, or a science window that is not in it."""


class DamagedFile(DataError):
    """A file that is truncated, foreign or inconsistent."""


class EmptySelection(DataError):
    """A valid query that selects no events, no windows or no sources."""


class StoreError(OdaError):
    """A store of results that cannot be used."""


class JobError(OdaError):
    """A job that ended without a product."""


class JobCancelled(JobError):
    """A job that was cancelled."""


class ServiceError(OdaError):
    """A server that cannot be reached, or fails."""


class NoDispatcher(ServiceError):
    """A server that answers but is not a dispatcher."""


class NotAccepted(ServiceError):
    """A server that does not accept a query."""


class NotAllowed(ServiceError):
    """A server that needs a token, or one with more rights."""


class MissingTool(OdaError):
    """An optional program or package that is not installed."""


class _Remark(UserWarning):
    """Base of our warnings, whose texts are shown as those of errors."""

    def __init__(self, text: object = "") -> None:
        super().__init__(readable(str(text)))


class FileWarning(_Remark):
    """A file was read although data are missing or unusual; the text says which."""


class IncompleteProduct(_Remark):
    """A product lacks some data, or could not be stored; the text says which and why."""


class InterpretationWarning(_Remark):
    """A value without a unit or a name was read in the only way it can be; the text says how."""


def shorten(value: object) -> str:
    """Return the repr of a value on one line, cut to a length that fits a message.

    A value without a usable repr, such as an integer of more digits than Python prints or an object
    whose repr raises, is named by its type: no message fails for it.

    Examples
    --------
    >>> shorten(10**5000)
    'an integer of 16,610 bits'
    """
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return f"an integer of {value.bit_length():,} bits"
    try:
        text = " ".join(line.strip() for line in repr(value).splitlines())
    except Exception:  # noqa: BLE001 - whatever the value does
        return f"<{type(value).__name__}>"
    return clipped(text)


def text_of(value: object) -> str:
    """Return a value as text, or as `shorten` shows it if its ``str`` fails.

    Examples
    --------
    >>> text_of(5), text_of(10**5000)
    ('5', 'an integer of 16,610 bits')
    """
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - whatever the value does
        return shorten(value)


def clipped(text: str, most: int = _LONGEST_VALUE) -> str:
    """Return text cut to a length that fits a message.

    Examples
    --------
    >>> clipped("a" * 1000, most=10)
    'aaaaaaa...'
    """
    return text if len(text) <= most else f"{text[: most - 3]}..."


def readable(text: str) -> str:
    """Return the text of a message, printable and cut to a readable length."""
    return printable(clipped(text, LONGEST_TEXT))


def printable(text: str) -> str:
    r"""Return outside text without characters that could act on a terminal or a page.

    Control characters, line separators and unusual blanks become blanks; invisible marks that
    change the order or the joining of letters are removed.

    Examples
    --------
    >>> printable("Crab\x1b[31m\u2028Nebula\u202e")
    'Crab [31m Nebula'
    """
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else "" if category(letter) == "Cf" else " "
        for letter in text
    )
