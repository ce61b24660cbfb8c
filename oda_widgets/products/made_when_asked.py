"""A field of a dataclass whose value can be made when it is first read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar, cast

T = TypeVar("T")


class MadeWhenAsked:
    """The descriptor of a field that is set to its value, or to a function that makes it.

    The field can be used, compared and replaced as any other; the function is called once, when the
    field is first read.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        """Return the value; raise AttributeError on the class, so that the field has no default."""
        if instance is None:
            raise AttributeError(self._name)
        value = instance.__dict__[self._name]
        if isinstance(value, _Later):
            value = instance.__dict__[self._name] = value.make()
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        """Keep the value, or the function that makes it."""
        instance.__dict__[self._name] = value


def when_asked(make: Callable[[], T]) -> T:
    """Return a placeholder for a value, to pass to the constructor of a class with such a field.

    Parameters
    ----------
    make
        Function that makes the value. It must be picklable, since images go to other processes.
    """
    return cast("T", _Later(make))


def replaced(instance: T, **changes: Any) -> T:
    """Return a copy of a dataclass with some fields changed, without making any value.

    `dataclasses.replace` alone reads, and so makes, the values of all fields.

    Parameters
    ----------
    instance
        Instance to copy.
    changes
        New values of fields by their names.
    """
    later = {name: value for name, value in vars(instance).items() if isinstance(value, _Later)}
    other: T = replace(instance, **(later | changes))  # type: ignore[type-var]
    return other


class _Later:
    """The placeholder of a value that is not made yet."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make
