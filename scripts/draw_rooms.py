"""Draw docs/rooms.svg: how the package is built, in one picture.

Run ``python scripts/draw_rooms.py`` after the rooms have changed.
"""

from __future__ import annotations

from pathlib import Path

OUTPUT = Path(__file__).parents[1] / "docs" / "rooms.svg"
WIDTH, HEIGHT = 860, 420
BOX_HEIGHT = 46

# x, y, width, title, subtitle
BOXES = (
    (30, 30, 180, "panels", "Workbench: Lab, Voila"),
    (30, 92, 180, "cli", "oda-widgets image …"),
    (30, 154, 180, "your notebook", "site.image(…)"),
    (270, 92, 160, "request", "frozen, checked values"),
    (270, 200, 160, "lookup", "names, times"),
    (490, 92, 160, "backend", "jobs, progress, cancel"),
    (490, 200, 160, "engine", "mask, fit, maps, rates"),
    (380, 308, 170, "archive", "ISDC layout, real sample"),
    (590, 308, 170, "instruments", "ISGRI geometry, response"),
    (710, 200, 120, "products", "FITS, OGIP"),
    (710, 92, 120, "views", "page and paper"),
)
ARROWS = (
    ((210, 115), (270, 115)),
    ((210, 53), (270, 100)),
    ((210, 177), (270, 130)),
    ((430, 115), (490, 115)),
    ((350, 200), (350, 138)),
    ((570, 138), (570, 200)),
    ((465, 308), (535, 246)),
    ((675, 308), (605, 246)),
    ((650, 223), (710, 223)),
    ((770, 200), (770, 138)),
)
STYLE = """
  text { font-family: system-ui, sans-serif; fill: #1f2a37; }
  .title { font-size: 15px; font-weight: 600; } .subtitle { font-size: 12px; fill: #4b5a6b; }
  rect { fill: #f6f8fb; stroke: #7d93b2; stroke-width: 1.2; }
  line { stroke: #35618f; stroke-width: 1.6; marker-end: url(#tip); }
"""


def box(x: int, y: int, width: int, title: str, subtitle: str) -> str:
    """Return one room."""
    middle = x + width / 2
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{BOX_HEIGHT}" rx="7"/>'
        f'<text class="title" x="{middle}" y="{y + 20}" text-anchor="middle">{title}</text>'
        f'<text class="subtitle" x="{middle}" y="{y + 37}" text-anchor="middle">{subtitle}</text>'
    )


def arrow(start: tuple[int, int], stop: tuple[int, int]) -> str:
    """Return one arrow."""
    return f'<line x1="{start[0]}" y1="{start[1]}" x2="{stop[0] - 2}" y2="{stop[1]}"/>'


def picture() -> str:
    """Return the whole picture."""
    tip = (
        '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#35618f"/></marker>'
    )
    caption = (
        f'<text class="subtitle" x="30" y="{HEIGHT - 14}">Data flows one way: '
        "parameters → request → backend → products → views. A test holds the direction.</text>"
    )
    parts = [*(arrow(*ends) for ends in ARROWS), *(box(*fields) for fields in BOXES), caption]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}"><style>{STYLE}</style><defs>{tip}</defs>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" style="fill:#fff;stroke:none"/>'
        + "".join(parts)
        + "</svg>\n"
    )


if __name__ == "__main__":
    OUTPUT.write_text(picture(), encoding="utf-8")
