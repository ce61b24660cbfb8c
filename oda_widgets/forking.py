"""Renew threads, connections and locks in forked processes.

Threads and connections do not survive a fork, and locks may stay held for ever in the child.
Programs fork when they use `multiprocessing` or Dask on Linux; this package itself never does.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable


def renew_in_children(renew: Callable[[], None]) -> None:
    """Call a method in each process that is forked from this one, while its object lives.

    Parameters
    ----------
    renew
        A bound method that makes threads, locks and connections anew.
    """
    reference = weakref.WeakMethod(renew)

    def renew_if_there() -> None:
        method = reference()
        if method is not None:
            method()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=renew_if_there)
