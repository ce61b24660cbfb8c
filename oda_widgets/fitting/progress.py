"""A bar that shows how far a chain is, where nobody asked to be told otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(
    progress: Callable[[int, int], object] | None, name: str
) -> Iterator[Callable[[int, int], object]]:
    """Give the function to call with parts done and parts wanted.

    Parameters
    ----------
    progress
        The user's own; None shows a bar in the notebook or the terminal.
    name
        What is being done.
    """
    if progress is not None:
        yield progress
        return
    from tqdm.auto import tqdm  # noqa: PLC0415 - imports widgets

    # A bar that is taken away leaves an error on pages of Voila: its widget is gone.
    with tqdm(desc=name) as bar:

        def show(done: int, wanted: int) -> None:
            bar.total = wanted
            bar.update(done - bar.n)

        yield show
