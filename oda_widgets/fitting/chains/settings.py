"""The settings of a chain, checked before anything is sampled."""

from __future__ import annotations

from dataclasses import dataclass

from oda_widgets.errors import BadParameter
from oda_widgets.fitting.chains.sampling import default_walkers
from oda_widgets.fitting.problem import Recipe
from oda_widgets.request.numbers import whole_number

_FEWEST_STEPS, _MOST_STEPS = 10, 10_000_000
_MOST_WALKERS = 10_000
_MOST_SAMPLES = 50_000_000  # 8 bytes for each parameter and for the statistic


@dataclass(frozen=True)
class ChainSettings:
    """The settings of a chain; `Fit.chain` says what each means."""

    steps: int
    walkers: int
    burn: int
    seed: int
    processes: int | None


def chain_settings(
    recipe: Recipe,
    steps: int,
    walkers: int | None,
    burn: int | None,
    seed: int,
    processes: int | None,
) -> ChainSettings:
    """Check the settings of a chain, and fill in the defaults.

    Raises
    ------
    BadParameter
        If a number is out of its range.
    """
    steps = whole_number("steps", steps, _FEWEST_STEPS, _MOST_STEPS)
    return ChainSettings(
        steps,
        _within_memory(steps, _walkers(recipe, walkers)),
        _burn(steps, burn),
        whole_number("seed", seed, 0),
        None if processes is None else whole_number("processes", processes, 0),
    )


def _within_memory(steps: int, walkers: int) -> int:
    """Return the number of walkers, if their steps can be stored."""
    if steps * walkers > _MOST_SAMPLES:
        limit = f"with {walkers} walkers more than {_MOST_SAMPLES:,} samples"
        raise BadParameter("steps", steps, limit, f"Write steps={_MOST_SAMPLES // walkers}.")
    return walkers


def _walkers(recipe: Recipe, walkers: int | None) -> int:
    default, n_free = default_walkers(recipe), len(recipe.parameters.free)
    number = default if walkers is None else whole_number("walkers", walkers, 2, _MOST_WALKERS)
    if number % 2 or number < 2 * n_free:
        limit = f"an even number, {2 * max(n_free, 1)} or more for {n_free} free parameters"
        raise BadParameter("walkers", number, limit, f"Write walkers={default}.")
    return number


def _burn(steps: int, burn: int | None) -> int:
    default = steps // 4
    number = default if burn is None else whole_number("burn", burn, 0)
    if number >= steps:
        raise BadParameter(
            "burn", number, f"no steps are left of {steps}", f"Write burn={default}."
        )
    return number
