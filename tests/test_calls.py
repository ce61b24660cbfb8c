"""A call that a public function does not take is refused in words that name the parameter."""

from __future__ import annotations

import inspect
import pydoc
from collections.abc import Callable, Iterator
from typing import Any, get_args, get_origin, get_type_hints

import pytest

import oda_widgets as oda
from oda_widgets.errors import BadCall, MissingValue, UnknownKeyword
from tests.products.examples import make_light_curve, make_response

# Users get no value of these: they are what results are made of, and their modules check nothing.
INSIDE = {
    "Applied", "BinErrors", "Bounds", "ChiSquare", "Counts", "Dataset", "Level", "Minimum",
    "ModelComponent", "ModelDefinition", "Node", "Objective", "Observation", "Parameter",
    "ParameterDefinition", "Plan", "Problem", "Product", "Recipe", "Repeat", "Samples", "Statistic",
    "Step", "Sum", "Weighting", "Background",
}  # fmt: skip
NAMES = [name for name in oda.__all__ if name not in {"__version__", "OdaError"}]


def parts_of(hint: Any) -> Iterator[type]:
    """Yield the classes of ours that an annotation names."""
    for part in (hint, get_origin(hint)):
        if inspect.isclass(part) and part.__module__.startswith("oda_widgets."):
            yield part
    for inner in get_args(hint):
        yield from parts_of(inner)


def returned(function: Any) -> Iterator[type]:
    """Yield the classes of ours that a function returns."""
    try:
        hint = get_type_hints(function).get("return")
    except NameError:  # a type that only type checkers import
        return
    yield from parts_of(hint)


def methods_of(kind: type) -> Iterator[tuple[str, Any, Any]]:
    """Yield the name, the callable and the function of each public method of ours."""
    for name in dir(kind):
        found = inspect.getattr_static(kind, name)
        function = getattr(found, "__func__", getattr(found, "fget", getattr(found, "func", found)))
        ours = getattr(function, "__module__", "") or ""
        if not name.startswith("_") and inspect.isfunction(function) and "oda_widgets" in ours:
            yield name, getattr(kind, name), function


def kinds() -> list[type]:
    """Return the public classes, and those of all values that they or the functions return."""
    ahead: list[Any] = [getattr(oda, name) for name in NAMES]
    found: dict[type, None] = {}
    while ahead:
        this = ahead.pop()
        if not inspect.isclass(this):
            ahead += returned(this)
        elif this not in found and this.__name__ not in INSIDE:
            found[this] = None
            ahead += [kind for _, _, function in methods_of(this) for kind in returned(function)]
    return list(found)


def calls() -> Iterator[Any]:
    """Yield every public callable with the number of values before its own: self, if any."""
    for name in NAMES:
        yield pytest.param(getattr(oda, name), (), id=name)
    for kind in kinds():
        for name, call, function in methods_of(kind):
            if callable(call):
                before = () if inspect.ismethod(call) else (object(),)
                yield pytest.param(call, before, id=f"{kind.__name__}.{function.__name__}:{name}")


def own(call: Callable[..., Any], before: tuple[Any, ...]) -> list[inspect.Parameter]:
    return list(inspect.signature(call).parameters.values())[len(before) :]


@pytest.mark.parametrize(("call", "before"), list(calls()))
def test_every_public_callable_refuses_a_call_that_it_does_not_take(
    call: Callable[..., Any], before: tuple[Any, ...]
) -> None:
    parameters = own(call, before)
    kinds = {parameter.kind for parameter in parameters}
    named = [p.name for p in parameters if p.kind in {p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY}]
    needed = [p.name for p in parameters if p.default is p.empty and p.name in named]
    if inspect.Parameter.VAR_KEYWORD not in kinds:
        with pytest.raises(UnknownKeyword, match="zzz=1: no parameter of") as unknown:
            call(*before, zzz=1)
        assert all(f"{name}" in str(unknown.value) for name in named)
    if inspect.Parameter.VAR_POSITIONAL not in kinds:
        with pytest.raises(BadCall, match=r"given without its name|takes \w+ values?|given twice"):
            call(*before, *[1] * (len(parameters) + 1))
    if needed:
        with pytest.raises(MissingValue, match=f"{needed[0]} is missing.*Write .*{needed[0]}"):
            call(*before)


@pytest.mark.parametrize("name", NAMES)
def test_help_shows_the_parameters(name: str) -> None:
    value = getattr(oda, name)
    shown = inspect.signature(value).parameters
    assert "args" not in shown
    assert "kwargs" not in shown
    assert not {"given", "named", "values"} & {str(p.name) for p in shown.values() if p.kind > 1}
    assert all(parameter in pydoc.render_doc(value) for parameter in shown)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda site: site.image("Crab", None, (28, 150)), BadCall, r"energy=\(28, 150\): given w"),
        (lambda _: oda.fit(5), MissingValue, r"model is missing: fit .*Write fit\(spectra, model"),  # type: ignore[call-arg]
        (lambda _: make_light_curve(7).rebin(10), BadCall, r"seconds=10: .*: seconds=\.\.\., days"),  # type: ignore[misc]
        (lambda _: oda.open(), MissingValue, r"path is missing: open needs it. Write open\(path\)"),  # type: ignore[call-arg]
        (lambda _: oda.CatalogSource(fluxx=1), UnknownKeyword, r"Did you mean flux=\?"),  # type: ignore[call-arg]
        (lambda _: oda.Workbench(sorce=1), UnknownKeyword, r"Did you mean source=\?"),  # type: ignore[call-arg]
        (lambda _: oda.connect("sample", archive="x"), BadCall, "archive='x': given twice"),  # type: ignore[misc]
    ],
)
def test_the_message_says_what_is_expected(
    call: Callable[[oda.Site], Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message) as caught:
        call(oda.connect(archive="sample"))
    assert isinstance(caught.value, TypeError)
    assert caught.value.__suppress_context__


def test_a_fault_inside_a_function_is_not_taken_for_a_wrong_call() -> None:
    def progress(done: int) -> None:
        del done

    with pytest.raises(TypeError, match="positional") as caught:
        oda.fakeit("powerlaw", make_response(), 100).fit("powerlaw").chain(10, progress=progress)  # type: ignore[arg-type]
    assert not isinstance(caught.value, oda.OdaError)
