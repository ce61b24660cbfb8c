"""Draw docs/rooms.svg: how the package is built, in one picture.

Run ``python scripts/draw_rooms.py`` after the rooms have changed.
"""

from __future__ import annotations

from pathlib import Path

OUTPUT = Path(__file__).parents[1] / "docs" / "rooms.svg"
WIDTH, HEIGHT = 940, 410
BOX_HEIGHT = 46

# x, y, width, title, subtitle
BOXES = (
    (20, 30, 170, "panels", "Workbench: Lab, Voila"),
    (20, 100, 170, "cli", "oda-widgets image …"),
    (20, 170, 170, "your notebook", "site.image(…)"),
    (230, 100, 160, "request", "frozen, checked values"),
    (20, 240, 170, "server", "the dispatcher's protocol"),
    (230, 210, 160, "lookup", "names, catalogue"),
    (430, 100, 160, "backend", "embedded, dispatcher"),
    (630, 100, 130, "products", "FITS, OGIP"),
    (630, 30, 130, "fitting", "XSPEC's models"),
    (800, 100, 120, "views", "page and paper"),
    (430, 210, 160, "engine", "mask, fit, maps, rates"),
    (630, 210, 190, "provenance", "history, store of results"),
    (310, 310, 220, "archive", "ISDC, real sample, simulated sky"),
    (570, 310, 190, "instruments", "ISGRI geometry, response"),
)
ARROWS = (
    ((190, 60), (230, 108)),
    ((190, 123), (230, 123)),
    ((190, 186), (230, 138)),
    ((190, 250), (240, 146)),
    ((310, 210), (310, 146)),
    ((390, 123), (430, 123)),
    ((590, 123), (630, 123)),
    ((760, 123), (800, 123)),
    ((695, 100), (695, 76)),
    ((760, 60), (810, 100)),
    ((510, 146), (510, 210)),
    ((580, 146), (650, 210)),
    ((450, 310), (480, 256)),
    ((620, 310), (560, 256)),
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
    return f'<line x1="{start[0]}" y1="{start[1]}" x2="{stop[0]}" y2="{stop[1]}"/>'


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
