"""Model expressions in XSPEC's notation: "constant*(bbodyrad + compTT)", "TBabs*cflux(powerlaw)".

::

    sum     = product { "+" product }
    product = factor { "*" factor | factor-in-parentheses }
    factor  = name [ "(" sum ")" ] | "(" sum ")"

Names may be abbreviated. A factor or a flux model applies to the spectrum on its right, after
``*`` or in parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn

from oda_widgets.errors import BadParameter
from oda_widgets.fitting.models.definitions import Kind, ModelDefinition, definitions

_TOKEN = re.compile(r"\s*(?:(?P<name>[A-Za-z_]\w*)|(?P<sign>[+*()]))")
_MOST_COMPONENTS = 20
_LONGEST = 300  # characters; deeper parentheses would exhaust Python's stack
_KIND_WORDS: dict[Kind, str] = {"add": "a spectrum", "mul": "a factor", "con": "a flux model"}


@dataclass(frozen=True)
class ModelComponent:
    """One model in an expression; `number` counts from left to right, from 0."""

    model: ModelDefinition
    number: int

    def __str__(self) -> str:
        return self.model.name


@dataclass(frozen=True)
class Sum:
    """Spectra that are added."""

    terms: tuple[Tree, ...]

    def __str__(self) -> str:
        return " + ".join(str(term) for term in self.terms)


@dataclass(frozen=True)
class Product:
    """Factors, and at most one spectrum, that are multiplied."""

    factors: tuple[Tree, ...]

    def __str__(self) -> str:
        return "*".join(f"({f})" if isinstance(f, Sum) else str(f) for f in self.factors)


@dataclass(frozen=True)
class Applied:
    """A flux model and the spectrum that it is applied to."""

    component: ModelComponent
    inner: Tree

    def __str__(self) -> str:
        return f"{self.component}({self.inner})"


Tree = ModelComponent | Sum | Product | Applied


def parse(text: str) -> Tree:
    """Return an expression as a tree.

    Raises
    ------
    BadParameter
        If a model is unknown or the expression is not a spectrum; the message shows the place.
    """
    reader = _Reader(text)
    tree = reader.sum()
    if not reader.at_end:
        reader.fail("nothing belongs here")
    if kind_of(tree) != "add":
        raise _error_at(text, 0, f"{tree} is no spectrum, only {_KIND_WORDS[kind_of(tree)]}")
    return tree


def components(tree: Tree) -> Iterator[ModelComponent]:
    """Yield the models of an expression from left to right."""
    match tree:
        case ModelComponent():
            yield tree
        case Sum(terms=parts) | Product(factors=parts):
            for part in parts:
                yield from components(part)
        case Applied(component=component, inner=inner):
            yield component
            yield from components(inner)


def kind_of(tree: Tree) -> Kind:
    """Return the kind of an expression: "add" for a spectrum, "mul" for a factor."""
    match tree:
        case ModelComponent(model=model):
            return model.kind
        case Product(factors=factors):
            return "add" if any(kind_of(factor) == "add" for factor in factors) else "mul"
        case _:
            return "add"


def _find_model(name: str, text: str, place: int) -> ModelDefinition:
    known = {model.casefold(): definition for model, definition in definitions().items()}
    wanted = name.casefold()
    if wanted in known:
        return known[wanted]
    fitting = [model for model in known if model.startswith(wanted)]
    # "bb" is bbody, of which bbodyrad is a longer name.
    shortest = min(fitting, key=len, default="")
    if shortest and all(model.startswith(shortest) for model in fitting):
        return known[shortest]
    if fitting:
        names = ", ".join(known[model].name for model in fitting)
        raise _error_at(text, place, f"{name!r} may be any of {names}", "Write more of its name.")
    near = get_close_matches(wanted, known, n=3, cutoff=0.5)
    names = " or ".join(known[model].name for model in near) or ", ".join(definitions())
    advice = f"Did you mean {names}?" if near else f"There are: {names}."
    raise _error_at(text, place, f"there is no model {name!r}", advice)


class _Reader:
    """Reads an expression from left to right, one token ahead."""

    def __init__(self, text: str) -> None:
        if not isinstance(text, str) or not text.strip():
            advice = 'Write for example "powerlaw".'
            raise BadParameter("model", text, "no expression", advice)
        if len(text) > _LONGEST:
            limit = f"an expression has at most {_LONGEST} characters"
            raise BadParameter("model", text, limit, "Write a shorter one.")
        self._text = text
        self._end = 0
        self._count = 0
        self._next()

    def _next(self) -> None:
        """Read one token; `sign` and `name` are both None at the end."""
        self.sign: str | None = None
        self.name: str | None = None
        rest = self._text[self._end :]
        self.place = len(self._text) - len(rest.lstrip())
        if self.at_end:
            return
        found = _TOKEN.match(self._text, self._end)
        if found is None:
            self.fail(f"{self._text[self.place]!r} is no part of an expression")
        self.name, self.sign = found["name"], found["sign"]
        self._end = found.end()

    @property
    def at_end(self) -> bool:
        """Whether everything was read."""
        return self.place == len(self._text)

    def fail(self, what: str) -> NoReturn:
        """Raise the error that shows the place."""
        raise _error_at(self._text, self.place, what)

    def sum(self) -> Tree:
        """Read spectra with plus signs between them."""
        begin = self.place
        terms = [self.product()]
        while self.sign == "+":
            self._next()
            terms.append(self.product())
        if len(terms) == 1:
            return terms[0]
        for term in terms:
            if kind_of(term) != "add":
                what = f"{term} is {_KIND_WORDS[kind_of(term)]}: it cannot be added"
                raise _error_at(self._text, begin, what)
        return Sum(tuple(terms))

    def product(self) -> Tree:
        """Read factors with multiplication signs, or nothing, between them."""
        begin = self.place
        factors = [self.factor()]
        while self.sign in ("*", "("):
            if self.sign == "*":
                self._next()
            factors.append(self.factor())
        return self._multiplied(factors, begin)

    def factor(self) -> Tree:
        """Read one model, or an expression in parentheses."""
        if self.name is not None:
            return self._component()
        if self.sign != "(":
            self.fail("a model is missing here")
        self._next()
        inner = self.sum()
        if self.sign != ")":
            self.fail('a ")" is missing here')
        self._next()
        return inner

    def _component(self) -> Tree:
        model = _find_model(str(self.name), self._text, self.place)
        component = ModelComponent(model, self._count)
        self._count += 1
        if self._count > _MOST_COMPONENTS:
            self.fail(f"more than {_MOST_COMPONENTS} models")
        self._next()
        if model.kind != "con":
            return component
        # A flux model applies to everything on its right in the product.
        if self.sign == "(":
            inner = self.factor()
        elif self.sign == "*":
            self._next()
            inner = self.product()
        else:
            self.fail(f"{model.name} needs a spectrum to its right")
        if kind_of(inner) != "add":
            self.fail(f"{model.name} can only be applied to a spectrum, not to {inner}")
        return Applied(component, inner)

    def _multiplied(self, factors: list[Tree], begin: int) -> Tree:
        if len(factors) == 1:
            return factors[0]
        spectra = [factor for factor in factors if kind_of(factor) == "add"]
        if len(spectra) > 1:
            what = f"{spectra[0]} and {spectra[1]} are both spectra: they cannot be multiplied"
            raise _error_at(self._text, begin, what, "Add them with +.")
        return Product(tuple(factors))


def _error_at(text: str, place: int, what: str, advice: str = "") -> BadParameter:
    shown = (
        f"{what}, at >{text[place : place + 20]}<" if place < len(text) else f"{what}, at its end"
    )
    return BadParameter("model", text, shown, advice or 'Write for example "TBabs*powerlaw".')
