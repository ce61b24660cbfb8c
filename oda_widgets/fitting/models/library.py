"""XSPEC's own library, from the package `xspectrampoline`, made safe to call from Python.

Calls from several threads return wrong values or crash the process, as measured; so do parameters
that are not finite, and some finite ones. So there is one lock for all calls, and only values known
to be safe are passed on. The library writes to the terminal from C code; that output is muted.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import RLock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.errors import MissingTool
from oda_widgets.fitting.models.definitions import ModelDefinition
from oda_widgets.fitting.models.grid import Grid, Values
from oda_widgets.fitting.models.safe_ranges import survives

_LOCK = RLock()
if hasattr(os, "register_at_fork"):
    # A process must not be forked while another thread computes in the library.
    os.register_at_fork(
        before=_LOCK.acquire, after_in_parent=_LOCK.release, after_in_child=_LOCK.release
    )
_HEADAS = "HEADAS"
_SPECTRUM = 1  # the number under which models cache their tables


def evaluate(
    model: ModelDefinition, grid: Grid, parameters: Values, photons: Floats | None = None
) -> Floats:
    """Return an XSPEC model on a grid: photons/cm2/s or a factor, per bin.

    Parameters
    ----------
    model
        Definition of the model.
    grid
        Energies.
    parameters
        Values in XSPEC's order, without the norm.
    photons
        The spectrum that a flux model is applied to.

    Returns
    -------
    Floats
        Shape (n_bins,); NaN for values outside the safe ranges, see `safe_ranges`.

    Raises
    ------
    MissingTool
        If the library is not installed.
    """
    function, single = _function(model.symbol)
    with np.errstate(over="ignore"):
        values = np.array(parameters, dtype=np.float32 if single else np.float64)
    if not np.isfinite(values).all() or not survives(model, parameters):
        return np.full(len(grid), np.nan)
    with _LOCK:
        return _call(function, grid, values, photons, single=single)


def available() -> bool:
    """Return whether the library can be used here."""
    try:
        _library()
    except MissingTool:
        return False
    return True


def _call(
    function: Any, grid: Grid, values: NDArray[Any], photons: Floats | None, *, single: bool
) -> Floats:
    kind = np.float32 if single else np.float64
    edges = grid.short_edges if single else grid.edges
    result = np.zeros(len(grid), kind) if photons is None else photons.astype(kind)
    errors = np.zeros(len(grid), kind)
    pointers = [array.ctypes.data for array in (edges, values, result, errors)]
    if single:
        count, number = ctypes.c_int(len(grid)), ctypes.c_int(_SPECTRUM)
        function(
            pointers[0],
            ctypes.byref(count),
            pointers[1],
            ctypes.byref(number),
            pointers[2],
            pointers[3],
        )
    else:
        function(pointers[0], len(grid), pointers[1], _SPECTRUM, pointers[2], pointers[3], b"")
    return result.astype(np.float64)


@cache
def _function(symbol: str) -> tuple[Any, bool]:
    """Return a function of the library, and whether it takes 4-byte numbers.

    ``C_name`` and ``c_name`` take 8-byte numbers; a bare name is Fortran with 4-byte numbers.
    """
    library = _library()
    if symbol.startswith(("C_", "c_")):
        function = getattr(library, symbol if symbol.startswith("C_") else symbol[2:])
        pointer, integer = ctypes.c_void_p, ctypes.c_int
        function.argtypes = [
            pointer, integer, pointer, integer, pointer, pointer, ctypes.c_char_p
        ]  # fmt: skip
    else:
        function = getattr(library, f"{symbol.lower()}_")
        function.argtypes = [ctypes.c_void_p] * 6
    function.restype = None
    return function, not symbol.startswith(("C_", "c_"))


@cache
def _library() -> Any:
    with _LOCK, _unset(_HEADAS), _silence():
        try:
            import xspectrampoline  # noqa: PLC0415 - loads 200 MB of libraries
        except Exception as error:  # noqa: BLE001 - it raises whatever ctypes and the system do
            problem = f"XSPEC's library cannot be loaded ({type(error).__name__}: {error})."
            advice = (
                "Use the models that need none, or install it: pip install xspectrampoline "
                "(Linux x86_64 and macOS)."
            )
            raise MissingTool(problem, advice) from None
        library = xspectrampoline.lib_XSFunctions
        library.FPCHAT(0)
        _call_first(library)
        return library


def _call_first(library: Any) -> None:
    """Call one model with its output muted: it prints a greeting at its first call."""
    edges = np.array([1.0, 2.0])
    values, result, errors = np.ones(1), np.zeros(1), np.zeros(1)
    call = library.C_tbabs
    pointers = [ctypes.c_void_p(array.ctypes.data) for array in (edges, values, result, errors)]
    call(pointers[0], 1, pointers[1], _SPECTRUM, pointers[2], pointers[3], b"")


@contextmanager
def _unset(variable: str) -> Iterator[None]:
    """Unset a variable in this context: the library must not find the user's HEASoft."""
    before = os.environ.pop(variable, None)
    try:
        yield
    finally:
        os.environ.pop(variable, None)
        if before is not None:
            os.environ[variable] = before


@contextmanager
def _silence() -> Iterator[None]:
    """Mute the output of C code in this context."""
    sys.stdout.flush()
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        # C buffers its output to a pipe.
        ctypes.CDLL(None).fflush(None)
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
