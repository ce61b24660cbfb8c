"""A field of a dataclass whose value may be made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar, cast

T = TypeVar("T")


class MadeWhenAsked:
    """The descriptor of a field that takes its value, or a function that makes it.

    The field is used, compared and replaced as any other; the function is called once, when the
    value is first asked for.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        """Return the value; of the class there is none, so that the field has no default."""
        if instance is None:
            raise AttributeError(self._name)
        value = instance.__dict__[self._name]
        if isinstance(value, _Later):
            value = instance.__dict__[self._name] = value.make()
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        """Keep the value, or what makes it."""
        instance.__dict__[self._name] = value


def when_asked(make: Callable[[], T]) -> T:
    """Return what stands for a value in the constructor of a class with such a field.

    Parameters
    ----------
    make
        Makes the value. Images travel to other processes: a function that pickle knows.
    """
    return cast("T", _Later(make))


def replaced(instance: T, **changes: Any) -> T:
    """Return a dataclass with other values of some fields; what nobody asked for stays unmade.

    `dataclasses.replace` asks for the values of all fields.

    Parameters
    ----------
    instance
        The value to begin with.
    changes
        Values of fields by their names.
    """
    later = {name: value for name, value in vars(instance).items() if isinstance(value, _Later)}
    other: T = replace(instance, **(later | changes))  # type: ignore[type-var]
    return other


class _Later:
    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make
