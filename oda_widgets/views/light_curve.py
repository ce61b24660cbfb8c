"""Light curves: error bars, several in one figure, and a brush that selects seconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from bokeh.core.property.descriptors import UnsetValueError
from bokeh.events import RangesUpdate
from bokeh.models import ColumnDataSource
from ipywidgets import HBox, ToggleButtons, VBox
from numpy.typing import NDArray

from oda_widgets.products.burst import Burst
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.request.timespan import SECONDS_PER_DAY, TimeInterval, parse_intervals
from oda_widgets.views.bin_words import bins_in_words, known_bins
from oda_widgets.views.curve_figure import (
    Layers,
    curve_figure,
    draw_bursts,
    draw_fit,
    time_range,
)
from oda_widgets.views.curve_series import Bins, Series, bins_of, fits_of, limits, series_of
from oda_widgets.views.kept import Kept, Zoom, kept_values, set_values
from oda_widgets.views.labels import common_observation, common_title
from oda_widgets.views.muted import Muted
from oda_widgets.views.pane import BokehPane
from oda_widgets.views.rate_range import rate_range
from oda_widgets.views.theme import set_titles
from oda_widgets.views.time_axis import DATE, ELAPSED, MJD, label_time, time_format
from oda_widgets.views.without_kernel import Pictured

OnSelect = Callable[[tuple[TimeInterval, ...]], object]

_MOST = 4000  # bins that a screen has room for
_DEFAULT_WIDTH = 700.0  # screen pixels, until the page has reported the width of its frame
_DIGIT, _APART = 7.0, 7.0  # screen pixels of a digit, and from a number to the next one
_FORMS = (("Elapsed", ELAPSED), ("MJD", MJD), ("Date", DATE))


class LightCurveView(Pictured, VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A light curve with a brush along the time axis, and others beside it.

    Parameters
    ----------
    curve
        Light curve to show.
    on_select
        Called with the selected intervals (IJD) whenever the brush changes them. Hold shift to
        add another interval; press escape to clear.
    height
        Of the figure, screen pixels.
    others
        Further light curves, in the same axes.
    norm
        Factor of the rates of the others: a number, one for each, or "mean" for equal means.
    labels
        Names for the legend; by default the differences between the light curves.
    fit
        "constant" or "linear", a result of `LightCurve.fit`, or a list of these: drawn as lines.
    time
        "elapsed", "mjd" or "date"; "auto" is MJD for 30 days and more. It can be switched.
    limit_below
        Bins below so many sigma are drawn as upper limits.
    on_view
        Called after the zoom or the axis of time changed.
    """

    def __init__(  # noqa: PLR0913 - options that users name
        self,
        curve: LightCurve,
        on_select: OnSelect | None = None,
        height: int = 460,
        *,
        others: Any = (),
        norm: Any = None,
        labels: Sequence[str] | None = None,
        fit: Any = None,
        time: str = "auto",
        limit_below: float | None = None,
        on_view: Callable[[], object] = list,
    ) -> None:
        self._pictured = curve
        self.curve = curve
        self.intervals: tuple[TimeInterval, ...] = ()
        self._on_select = on_select
        self._muted = Muted()
        self._drawn = series_of(curve, others, norm=norm, labels=labels, limit_below=limit_below)
        fitted = fits_of(curve, fit)
        self._layers = [Layers() for _ in self._drawn]
        self._fill(self._bins_in(None))
        self._bins, self._line = self._layers[0].bins, self._layers[0].line
        self._chosen = ColumnDataSource(data={"start": [], "stop": []})
        self._bursts = ColumnDataSource(data=_marks((), self._seconds))
        self.figure = curve_figure(
            self._drawn, self._layers, self._chosen, self.zero, self._frame, height
        )
        # Drawn before there are any bursts: BokehJS does not show labels that are added later.
        draw_bursts(self.figure, self._bursts)
        first = self._drawn[0]
        name = first.label if len(self._drawn) > 1 else ""
        for number, one in enumerate(fitted):
            draw_fit(self.figure, one, first, self.zero, name, number)
        self._bins.selected.on_change("indices", lambda _attr, _old, new: self._brushed(new))
        # Bokeh sends only events registered before the figure joins its document.
        self.figure.on_event(RangesUpdate, lambda event: self._zoomed(event.x0, event.x1))
        self._zoom = Zoom(self.figure, ("x",), on_view)
        self.pane = BokehPane(self.figure)
        self._describe()
        super().__init__([self._controls(time), self.pane])
        self.time.observe(lambda _change: on_view(), names="value")

    @property
    def zero(self) -> float:
        """IJD at which the time axis reads zero."""
        return self.curve.observation.start

    @property
    def span(self) -> tuple[float, float]:
        """First and last instant of the observation, IJD."""
        return self.curve.observation.start, self.curve.observation.stop

    @property
    def kept(self) -> dict[str, str]:
        """State of the display, for a session: the form of times, and the zoom."""
        return kept_values({"time": self.time}) | {"zoom": self._zoom.text}

    def restore(self, kept: Kept) -> None:
        """Restore the state that a session kept."""
        set_values({"time": self.time}, kept)
        for first, last in self._zoom.ends(kept.get("zoom", "")):
            self.zoom(self._ijd(first), self._ijd(last))

    def select(self, intervals: Any) -> None:
        """Mark intervals on the light curve, as the brush does.

        Parameters
        ----------
        intervals
            Pairs of instants, see `oda_widgets.request.timespan.parse_intervals`.
        """
        self.intervals = parse_intervals(intervals)
        with self.pane.together(), self._muted:
            self._bins.selected.indices = self._bins_inside()
            self._mark()

    def mark(self, bursts: Sequence[Burst]) -> None:
        """Mark bursts with their numbers: T90 as a shade, the trigger as a line; [] clears them."""
        self._bursts.data = _marks(bursts, self._seconds)
        axis = self.figure.x_range
        self._number_bursts(axis.start, axis.end)

    def _number_bursts(self, first: float, last: float) -> None:
        """Write those numbers of bursts that have room, between two places of the axis."""
        marks = self._bursts.data
        if not len(marks["trigger"]) or not first < last:
            return
        place, weight = (np.asarray(marks[name], float) for name in ("trigger", "significance"))
        numbers = numbers_with_room(place, weight, (first, last), self._frame_width)
        if numbers != list(marks["number"]):
            self._bursts.data = {**marks, "number": numbers}

    @property
    def _frame_width(self) -> float:
        """Width of the frame, screen pixels, if the page has reported it; else a default."""
        try:
            return float(self.figure.inner_width) or _DEFAULT_WIDTH
        except UnsetValueError:
            return _DEFAULT_WIDTH

    def zoom(self, start: float, stop: float) -> None:
        """Show the part between two instants (IJD); "Reset" in its toolbar shows all again."""
        first, last = self._seconds(start), self._seconds(stop)
        axis = self.figure.x_range
        axis.update(start=first, end=last, reset_start=axis.start, reset_end=axis.end)
        self._zoomed(first, last)

    def write_time(self, form: str) -> None:
        """Label the axis of time with "elapsed", "mjd" or "date"."""
        first, last = time_range(self._drawn, self.zero)
        with self.pane.rebuilt():
            label_time(self.figure, self.zero, last - first, form)

    def _controls(self, wanted: str) -> HBox:
        """Set the form of times, and return the switch for it."""
        first, last = time_range(self._drawn, self.zero)
        form = time_format(wanted, last - first)
        self.write_time(form)
        self.time = ToggleButtons(options=_FORMS, value=form)
        self.time.tooltips = [
            "Time since the start", "Modified Julian Date, TT", "Date and time, UTC"
        ]  # fmt: skip
        self.time.style.button_width = "80px"
        self.time.observe(lambda change: self.write_time(change["new"]), names="value")
        row = HBox([self.time])
        row.add_class("oda-controls")
        return row

    def _brushed(self, indices: list[int]) -> None:
        """Turn the selected bins into intervals and call `on_select`."""
        if self._muted:
            return
        start, stop = self._bins.data["start"], self._bins.data["stop"]
        runs = _runs(sorted(indices), start, stop)
        self.intervals = parse_intervals([(self._ijd(a), self._ijd(b)) for a, b in runs])
        self._mark()
        if self._on_select is not None:
            self._on_select(self.intervals)

    def _zoomed(self, first: float, last: float) -> None:
        """Draw the visible part in as many bins as the screen has room for."""
        self._number_bursts(first, last)
        shown = self._bins_in((first, last))
        if all(bins.factor == 1 for bins in shown) and self._drawn_already(shown):
            return
        with self.pane.together(), self._muted:
            self._fill(shown)
            self.figure.y_range.update(start=self._frame[0], end=self._frame[1])
            self._bins.selected.indices = self._bins_inside()
            self._describe()

    def _drawn_already(self, shown: list[Bins]) -> bool:
        drawn = [len(layers.bins.data["rate"]) for layers in self._layers]
        return drawn == [len(bins) for bins in shown]

    def _bins_in(self, window: tuple[float, float] | None) -> list[Bins]:
        return [bins_of(series, self.zero, _MOST, window) for series in self._drawn]

    def _fill(self, shown: list[Bins]) -> None:
        """Draw bins in a range of rates that suits their errors: short bins have large errors."""
        self._frame = rate_range(shown)
        for layers, bins, series in zip(self._layers, shown, self._drawn, strict=True):
            layers.fill(bins, series.label, self.zero, self._frame)

    def _ijd(self, seconds: float) -> float:
        return self.zero + float(seconds) / SECONDS_PER_DAY

    def _seconds(self, ijd: float) -> float:
        return (ijd - self.zero) * SECONDS_PER_DAY

    def _bins_inside(self) -> list[int]:
        middle = (self._bins.data["start"] + self._bins.data["stop"]) / 2
        inside = np.zeros(len(middle), dtype=bool)
        for interval in self.intervals:
            start, stop = self._seconds(interval.start), self._seconds(interval.stop)
            inside |= (middle >= start) & (middle < stop)
        return [int(index) for index in np.flatnonzero(inside)]

    def _mark(self) -> None:
        self._chosen.data = {
            "start": [self._seconds(interval.start) for interval in self.intervals],
            "stop": [self._seconds(interval.stop) for interval in self.intervals],
        }

    def _describe(self) -> None:
        curves = [series.curve for series in self._drawn]
        observed = common_observation([curve.observation for curve in curves])
        title = common_title(curves).replace(", ", " · ")
        set_titles(
            self.figure,
            title,
            " · ".join(filter(None, (observed, self._bin_words(), self._limit_words()))),
        )

    def _limit_words(self) -> str:
        """Return at how many sigma upper limits are drawn, if there are any."""
        sigma = self._drawn[0].sigma
        drawn = any(np.any(_limited(series)) for series in self._drawn)
        return f"arrows: {sigma:g} σ upper limits" if drawn else ""

    def _bin_words(self) -> str:
        """Return the length of the bins of a single light curve; if bins are joined, as drawn."""
        width = self._bins.data["stop"] - self._bins.data["start"]
        if len(self._drawn) > 1 or not len(width):
            return ""
        shown, true = float(np.median(width)), float(np.median(self.curve.width))
        if shown < 1.5 * true:
            return known_bins(self.curve)
        return f"drawn in {bins_in_words(width)}"


def _marks(bursts: Sequence[Burst], seconds: Callable[[float], float]) -> dict[str, list[Any]]:
    """Return the columns of the marks of bursts: T90, trigger, number and significance."""
    spans = [burst.t90_interval or burst.interval for burst in bursts]
    return {
        "start": [seconds(span.start) for span in spans],
        "stop": [seconds(span.stop) for span in spans],
        "trigger": [seconds(burst.trigger) for burst in bursts],
        "number": [str(number) for number, _ in enumerate(bursts, 1)],
        "significance": [burst.significance for burst in bursts],
    }


def numbers_with_room(
    place: NDArray[np.float64],
    significance: NDArray[np.float64],
    span: tuple[float, float],
    width: float,
) -> list[str]:
    """Return a text for each burst: its number, or "" if a more significant one needs the room.

    Parameters
    ----------
    place
        Triggers, in the unit of the axis.
    significance
        Of each burst.
    span
        The part of the axis on screen.
    width
        Of this part, screen pixels.
    """
    numbers = [str(number) for number in range(1, len(place) + 1)]
    left = (place - span[0]) * width / (span[1] - span[0])
    right = left + [_DIGIT * len(number) + _APART for number in numbers]
    shown: list[int] = []
    for one in np.argsort(-significance, kind="stable"):
        if all(right[one] <= left[other] or right[other] <= left[one] for other in shown):
            shown.append(int(one))
    return [number if index in shown else "" for index, number in enumerate(numbers)]


def _limited(series: Series) -> NDArray[np.bool_]:
    mask, _ = limits(series.rate, series.error, series.sigma)
    return mask


def _runs(
    indices: list[int], start: NDArray[np.float64], stop: NDArray[np.float64]
) -> list[tuple[float, float]]:
    """Return the edges of each run of neighbouring bins."""
    edges: list[tuple[float, float]] = []
    for position, index in enumerate(indices):
        if position and index == indices[position - 1] + 1:
            edges[-1] = (edges[-1][0], float(stop[index]))
        else:
            edges.append((float(start[index]), float(stop[index])))
    return edges
