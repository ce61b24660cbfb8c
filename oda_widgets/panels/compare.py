"""Products drawn together: light curves of the session and of files, and spectra."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from ipywidgets import Dropdown, SelectionSlider, VBox
from traitlets import TraitError

from oda_widgets.errors import DamagedFile, OdaError, printable
from oda_widgets.panels.card import card, labelled, quiet, row
from oda_widgets.panels.session import ToolsState
from oda_widgets.panels.stage import Later, Stage
from oda_widgets.products.curve_bins import length_text
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.numbers import number_within
from oda_widgets.views.choice_list import ChoiceList
from oda_widgets.views.fields import CheckedText, number_field
from oda_widgets.views.file_button import FileButton
from oda_widgets.views.labels import full_labels
from oda_widgets.views.message import Message
from oda_widgets.views.muted import Muted

_Key = tuple[str, str]
_MOST = 60  # products offered
_PATIENCE = 0.1  # seconds without another product before all are drawn
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_FEWEST_BINS = 3
_LARGEST_CURVE = 64 << 20  # bytes
_FACTOR = "factor"
_NORMS = {"as measured": "", "equal means": "mean", "times": _FACTOR}
_FITS = {"none": "", "constant": "constant", "straight line": "linear"}


class _Pool(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Products of the session that may be drawn beside the one on show."""

    def __init__(self, what: str, on_change: Callable[[], object], stage: Stage | None) -> None:
        self._pool: dict[_Key, Any] = {}
        self._files: dict[_Key, str] = {}  # file names of the products that come from files
        self._controls: dict[str, Any] = {}  # by the names under which a session keeps them
        self._shown: _Key = ("", "")
        self._name = ""  # of the source on show
        self._wanted: tuple[_Key, ...] = ()  # chosen by a session whose products are on their way
        self._on_change = on_change
        self._later = None if stage is None else Later(stage, _PATIENCE)
        self._draw: Callable[[], object] = lambda: None
        self._muted = Muted()
        self.others = ChoiceList(rows=3, what=f"{what} to draw as well")
        self.others.observe(lambda _change: self._changed(), names="value")
        self.message = Message()
        self._hint = quiet(f"{what} of further queries can be drawn beside this one.")
        self._only_with_others: list[Any] = []  # fields that are shown where there are others
        super().__init__()

    def add(self, products: Iterable[Any], origin: str = "") -> None:
        """Offer products; the latest come first, and the oldest make room.

        Parameters
        ----------
        products
            Light curves or spectra.
        origin
            Identity of the query of the products; empty for products of files.
        """
        for product in products:
            key = _key(product, origin)
            self._pool.pop(key, None)
            self._pool[key] = product
        for key in list(self._pool)[:-_MOST]:
            del self._pool[key]
        before = self.others.value
        self._offer()
        if self.others.value != before:
            self._redraw_soon()

    def use(self, product: Any, draw: Callable[[], object]) -> None:
        """Offer the others beside a product that is on show; `draw` draws its figure anew."""
        known = (key for key, one in self._pool.items() if one is product)
        self._shown, self._draw = next(known, _key(product)), draw
        self._name = product.name
        self._offer()

    @property
    def state(self) -> ToolsState:
        """The values of the controls, for the session."""
        beside = tuple(key for key in (*self.others.value, *self._wanted) if key[0])
        values = ((name, str(control.value)) for name, control in self._controls.items())
        return ToolsState(tuple(dict.fromkeys(beside)), tuple(values))

    def restore(self, state: ToolsState) -> None:
        """Set the controls as a session kept them; choose its products when they arrive."""
        self._wanted = state.beside
        with self._muted:
            for name, value in state.fields:
                self._set_control(name, value)
        self._offer()

    def _set_control(self, name: str, value: str) -> None:
        if name in self._controls:
            with suppress(TraitError):  # a menu that does not offer it
                self._controls[name].value = value

    @property
    def chosen(self) -> list[Any]:
        """The products to draw beside the one on show."""
        return [self._pool[key] for key in self.others.value if key in self._pool]

    def _offer(self) -> None:
        """List the products that may be drawn beside the one on show."""
        keys = [key for key in reversed(self._pool) if key != self._shown]
        keys.sort(key=lambda key: self._pool[key].name != self._name)  # the same source first
        names = self._names()
        options = tuple((names[key], key) for key in keys)
        chosen = tuple(key for key in keys if key in (*self.others.value, *self._wanted))
        with self._muted:
            self.others.show(options, chosen)
        self.others.rows = min(max(len(keys), 2), 5)
        self._hint.layout.display = "none" if keys else ""
        for field in self._only_with_others:
            field.layout.display = "" if keys else "none"

    def _names(self) -> dict[_Key, str]:
        """Return the names of all products, no two alike."""
        labels = full_labels([(one, self._files.get(key, "")) for key, one in self._pool.items()])
        return dict(zip(self._pool, labels, strict=True))

    def _changed(self) -> None:
        if not self._muted:
            self._wanted = ()
            self._redraw()
            self._on_change()

    def _redraw_soon(self) -> None:
        """Draw once for all products that arrive together, as those of a session do."""
        if self._later is None:
            self._redraw()
        else:
            self._later(lambda: self._redraw)

    def _redraw(self) -> None:
        self.message.clear()
        try:
            self._draw()
        except OdaError as error:
            self.message.show(error)


class CurveTools(_Pool):
    """Rebins a light curve, draws others beside it and fits a line, without computing again."""

    def __init__(
        self, on_change: Callable[[], object] = lambda: None, stage: Stage | None = None
    ) -> None:
        super().__init__("Light curves", on_change, stage)
        self._wanted_width = ""  # kept by a session whose light curve is on its way
        self.width = SelectionSlider(options=[("as computed", 0.0)], continuous_update=False)
        self.norm = Dropdown(options=_NORMS)
        self.factor = number_field("norm", 1, 1e-9, 1e9, tooltip="Factor of the others")
        self.fit = Dropdown(options=_FITS)
        self.limit = CheckedText(
            _parse_limit, placeholder="none", tooltip="Upper limits below (sigma)"
        )
        self._controls = {
            "width": self.width, "norm": self.norm, "factor": self.factor, "fit": self.fit,
            "limit": self.limit,
        }  # fmt: skip
        for control in self._controls.values():
            control.observe(lambda _change: self._changed(), names="value")
        suffixes = ".fits,.gz,.lc,.fit"
        file = FileButton(
            "Add from a file…", suffixes, self._add_file, _LARGEST_CURVE, self.message
        )
        for narrow in (self.factor, self.limit):
            narrow.add_class("oda-narrow")
        bins = labelled("Bins", self.width)
        bins.layout.width = "min(320px, 100%)"
        fields = row(
            bins,
            labelled("Fit", self.fit),
            labelled("Upper limits below (σ)", self.limit),
        )
        beside = row(
            labelled("Beside it", self.others),
            labelled("Rates of the others", self.norm),
            labelled("Factor", self.factor),
            self._hint,
            file,
        )
        self._factor_field = beside.children[2]
        self._only_with_others = list(beside.children[:2])
        self.children = (card("Bins, fit and comparison", fields, beside, self.message),)
        self._show_factor()
        self._offer()

    def use(self, product: LightCurve, draw: Callable[[], object]) -> None:
        """Offer the widths of bins that suit a light curve, and the other light curves."""
        super().use(product, draw)
        base = float(np.median(product.width)) if len(product) else 1.0
        whole = float(np.nansum(product.width)) if len(product) else 1.0
        widths = [base * step for step in _STEPS[1:] if base * step * _FEWEST_BINS <= whole]
        options = [("as computed", 0.0), *((length_text(float(f"{w:.4g}")), w) for w in widths)]
        with self._muted:
            chosen = self._wanted_width or str(self.width.value)
            self.width.options = options
            self.width.value = next((w for _, w in options if str(w) == chosen), 0.0)

    def restore(self, state: ToolsState) -> None:
        """Set the controls as a session kept them; choose its products when they arrive."""
        super().restore(state)
        self._show_factor()

    def drawn(self, curve: LightCurve) -> tuple[LightCurve, dict[str, Any]]:
        """Return a light curve as it is drawn, and the options of its figure.

        Raises
        ------
        OdaError
            If a field cannot be read.
        """
        seconds = float(self.width.value)
        others = self.chosen
        options: dict[str, Any] = {"fit": self.fit.value or None, "limit_below": self.limit.read()}
        if others:
            norm = self.factor.read() if self.norm.value == _FACTOR else self.norm.value or None
            options |= {"others": [_rebinned(o, seconds) for o in others], "norm": norm}
        return _rebinned(curve, seconds), {k: v for k, v in options.items() if v is not None}

    def _set_control(self, name: str, value: str) -> None:
        if name == "width":
            self._wanted_width = value  # the light curve decides which widths are offered
        else:
            super()._set_control(name, value)

    def _changed(self) -> None:
        self._show_factor()
        if not self._muted:
            self._wanted_width = ""
        super()._changed()

    def _show_factor(self) -> None:
        shown = self.norm.value == _FACTOR
        self._factor_field.layout.display = "" if shown else "none"

    def _add_file(self, name: str, content: bytes) -> None:
        """Offer the light curve in a file, and draw it."""
        curve = _read_curve(name, content)
        key = _key(curve)
        self._files[key] = printable(name)
        self.add([curve])
        if key != self._shown:
            self.others.value = (*self.others.value, key)


class SpectrumTools(_Pool):
    """Overlays spectra of the session."""

    def __init__(
        self, on_change: Callable[[], object] = lambda: None, stage: Stage | None = None
    ) -> None:
        super().__init__("Spectra", on_change, stage)
        beside = labelled("Beside it, and fitted together with it", self.others)
        self._only_with_others = [beside]
        self.children = (card("Comparison", beside, self._hint, self.message),)
        self._offer()


def _parse_limit(text: str) -> float | None:
    return number_within("limit_below", text, 0.1, 100, "sigma") if text else None


def _rebinned(curve: LightCurve, seconds: float) -> LightCurve:
    """Return a light curve in longer bins, unchanged if its bins are longer already."""
    if not seconds or not len(curve) or seconds <= 1.01 * float(np.median(curve.width)):
        return curve
    return curve.rebin(seconds=seconds)


def _read_curve(name: str, content: bytes) -> LightCurve:
    suffix = "".join(PurePath(name).suffixes[-2:])[-12:] or ".fits"
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"curve{suffix}"
        path.write_bytes(content)
        try:
            return LightCurve.read(path)
        except OdaError as error:
            problem, advice = (
                text.replace(str(path), name).replace(folder, "its folder")
                for text in (error.problem, error.advice)
            )
            raise DamagedFile(problem, advice) from None


def _key(product: LightCurve | Spectrum, origin: str = "") -> _Key:
    """Return the key of a product: its query, or else its history, and the name of its source."""
    history = product.provenance.id if product.provenance is not None else str(id(product))
    return (origin, product.name) if origin else ("", f"{history}:{product.name}")
