"""Boxes, arrows and words as SVG, for the drawings of the documentation."""

from __future__ import annotations

_STYLE = """
  text { font-family: system-ui, sans-serif; fill: #1f2a37; }
  .title { font-size: 15px; font-weight: 600; } .subtitle { font-size: 12px; fill: #4b5a6b; }
  rect { fill: #f6f8fb; stroke: #7d93b2; stroke-width: 1.2; }
  line { stroke: #35618f; stroke-width: 1.6; marker-end: url(#tip); }
"""
_TIP = (
    '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    'orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#35618f"/></marker>'
)


def box(x: float, y: float, width: float, height: float, title: str, subtitle: str) -> str:
    """Return a box with two lines of text."""
    middle = x + width / 2
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="7"/>'
        f"{text(middle, y + height / 2 - 3, title, 'title', 'middle')}"
        f"{text(middle, y + height / 2 + 14, subtitle, 'subtitle', 'middle')}"
    )


def text(x: float, y: float, words: str, style: str = "subtitle", anchor: str = "start") -> str:
    """Return a line of text."""
    escaped = words.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text class="{style}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escaped}</text>'


def arrow(start: tuple[float, float], stop: tuple[float, float]) -> str:
    """Return an arrow."""
    return f'<line x1="{start[0]:g}" y1="{start[1]:g}" x2="{stop[0]:g}" y2="{stop[1]:g}"/>'


def picture(width: float, height: float, parts: list[str]) -> str:
    """Return the whole picture on white."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}"><style>{_STYLE}</style><defs>{_TIP}</defs>'
        f'<rect width="{width:g}" height="{height:g}" style="fill:#fff;stroke:none"/>'
        + "".join(parts)
        + "</svg>\n"
    )
