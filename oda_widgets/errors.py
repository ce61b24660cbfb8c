"""The errors of oda_widgets; each message says what is wrong and what to do next.

::

    OdaError
    ├── BadParameter (a ValueError)       a value that cannot be accepted
    │   └── UnknownSource                 a name that nobody resolves
    ├── DataError                         data that cannot be used
    │   ├── ArchiveError                  not an archive, or a window that is not in it
    │   ├── DamagedFile                   truncated, foreign or inconsistent
    │   └── EmptySelection                a valid question that selects nothing
    ├── StoreError                        a store of results that cannot be used
    ├── JobError                          a job that did not deliver
    │   └── JobCancelled                  because it was asked to stop
    ├── ServiceError                      a server not reached, or not answering as it should
    │   ├── NotAccepted                   because it does not accept the query
    │   └── NotAllowed                    because it wants a token, or another one
    └── MissingTool                       an optional program or package is absent
"""

from __future__ import annotations

_LONGEST_VALUE = 120


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
        super().__init__(problem, advice)
        self.problem = problem
        self.advice = advice

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
        self.limit = limit
        super().__init__(f"{parameter}={shorten(value)}: {limit}.", advice)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Errors travel from worker processes whole."""
        return type(self), (self.parameter, self.value, self.limit, self.advice)


class UnknownSource(BadParameter):
    """A source name that nobody resolves."""


class DataError(OdaError):
    """Data that cannot be used."""


class ArchiveError(DataError):
    """A folder that is not an archive, or a science window that is not in it."""


class DamagedFile(DataError):
    """A file that is truncated, foreign or inconsistent."""


class EmptySelection(DataError):
    """A valid question that selects no events, no windows or no sources."""


class StoreError(OdaError):
    """A store of results that cannot be used."""


class JobError(OdaError):
    """A job that did not deliver its product."""


class JobCancelled(JobError):
    """A job that stopped because it was asked to."""


class ServiceError(OdaError):
    """A server that cannot be reached, or does not answer as it should."""


class NotAccepted(ServiceError):
    """A server that does not accept a query."""


class NotAllowed(ServiceError):
    """A server that wants a token, or one with more rights."""


class MissingTool(OdaError):
    """An optional program or package that is not installed."""


class FileWarning(UserWarning):
    """A file was read although something in it is missing or unusual; the text says what."""


def shorten(value: object) -> str:
    """Return the repr of a value on one line, cut to a length that fits a message."""
    text = " ".join(line.strip() for line in repr(value).splitlines())
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."
