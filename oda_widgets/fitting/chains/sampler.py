"""The sampler of emcee, without the parts that cost time and that our chains do not use."""

from __future__ import annotations

from typing import Any

import emcee


class Sampler(emcee.EnsembleSampler):  # type: ignore[misc]  # emcee publishes no types
    """An ensemble sampler that does not copy its generator into the state of each step.

    Copying its 624 numbers takes a seventh of the time of a chain; the seeds of a part repeat it.
    """

    @property
    def random_state(self) -> None:
        """None: a part is repeated from its seeds, not from a step."""

    @random_state.setter
    def random_state(self, state: Any) -> None:
        if state is not None:
            self._random.set_state(state)
