"""Numbers on a logarithmic axis: at least three, whatever part of it is on screen."""

from __future__ import annotations

from typing import Any

from bokeh.models import CustomJSTicker, CustomJSTickFormatter

# The same steps as on paper (paper/log_axis.py); in less than a fifth of a decade equal steps.
_MAJOR = """
const {start, end} = cb_data
const [low, high] = [Math.min(start, end), Math.max(start, end)]
if (!(low > 0)) return []
const decades = Math.log10(high / low)
const ticks = []
if (decades < 0.2) {
  const rough = (high - low) / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * [1, 2, 5, 10].find(factor => factor * power >= rough)
  for (let n = Math.ceil(low / step); n * step <= high; n++) ticks.push(n * step)
  return ticks
}
const steps = decades > 3 ? [1] : decades > 1.6 ? [1, 3] : decades > 0.95 ? [1, 2, 5]
  : [1, 1.5, 2, 3, 4, 5, 7]
for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++)
  for (const step of steps) {
    const tick = Number(`${step}e${power}`)
    if (tick >= low && tick <= high) ticks.push(tick)
  }
return ticks
"""
_MINOR = """
const {start, end} = cb_data
const [low, high] = [Math.min(start, end), Math.max(start, end)]
if (!(low > 0) || high / low > 1e8) return []
const ticks = []
for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++)
  for (let step = 2; step < 10; step++) ticks.push(Number(`${step}e${power}`))
return ticks.filter(tick => tick >= low && tick <= high)
"""
_NUMBER = """
const power = Math.floor(Math.log10(tick) + 1e-9)
if (power > -4 && power < 5) return String(Number(tick.toPrecision(6)))
const raised = [...String(power)].map(c => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]).join("")
const factor = Number((tick / 10 ** power).toPrecision(6))
return factor === 1 ? `10${raised}` : `${factor} × 10${raised}`
"""


def label_log_axis(axis: Any, grid: Any) -> None:
    """Label an axis of a Bokeh figure, and draw the lines of its grid at the labels."""
    ticker = CustomJSTicker(major_code=_MAJOR, minor_code=_MINOR)
    axis.ticker = grid.ticker = ticker
    axis.formatter = CustomJSTickFormatter(code=_NUMBER)
