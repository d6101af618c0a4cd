"""Drawings that stand for the newspaper's photographs in the documentation's pictures: SVG, three to two."""

from __future__ import annotations


def _scene(sky: tuple[str, str], ground: str, horizon: int, things: str) -> str:
    """Return a drawing with a sky that fades from one colour to another, and a ground of one colour."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 400" width="1200" height="800">'
        f'<linearGradient id="sky" x2="0" y2="1"><stop stop-color="{sky[0]}"/><stop offset="1" stop-color="{sky[1]}"/>'
        f'</linearGradient><path fill="url(#sky)" d="M0 0h600v{horizon}H0z"/>'
        f'<path fill="{ground}" d="M0 {horizon}h600v400H0z"/>{things}</svg>'
    )


def _ripples(colour: str, top: int, centre: int) -> str:
    """Return reflections on water: lines that grow shorter and fainter towards the viewer."""
    return "".join(
        f'<path stroke="{colour}" stroke-width="3" opacity="{0.7 - step * 0.08:.2f}" '
        f'd="M{centre - 70 + step * 7 + step % 2 * 16} {top + step * 16}h{140 - step * 14}"/>'
        for step in range(8)
    )


def bridge() -> str:
    """Return a cable-stayed bridge over a bay in the evening."""
    towers = []
    for x in (190, 410):
        cables = "".join(
            f"M{x} {110 + step * 9}L{x + side * (108 - step * 12)} 262" for side in (-1, 1) for step in range(9)
        )
        towers.append(
            f'<path stroke="#5b4a58" stroke-width="1.3" d="{cables}"/>'
            f'<path fill="#3f3545" d="M{x - 5} 95h10l4 200h-18z"/>'
        )
    lamps = "".join(f'<circle cx="{x}" cy="256" r="2.2" fill="#fff1c9"/>' for x in range(12, 600, 24))
    hills = '<path fill="#a9869a" d="M0 252q90-40 190-6t210-14 200-4v52H0z"/>'
    sun = '<circle cx="300" cy="215" r="42" fill="#fff0d0"/>'
    deck = '<path fill="#3f3545" d="M0 261h600v9H0z"/>'
    return _scene(
        ("#6f7fa8", "#f6bf95"),
        "#7d7f9c",
        280,
        sun + hills + _ripples("#ffdcae", 296, 300) + "".join(towers) + deck + lamps,
    )


def market() -> str:
    """Return stalls under striped awnings."""
    stalls = []
    for place, (colour, fruit) in enumerate((("#b8433a", "#e8a13a"), ("#2f7a6b", "#c94f4f"), ("#c98a2b", "#7da453"))):
        x = 30 + place * 185
        stripes = "".join(
            f'<path fill="{colour if step % 2 else "#fbf3e4"}" d="M{x + step * 21} 130h21v46q-10.5 14-21 0z"/>'
            for step in range(8)
        )
        fruits = "".join(
            f'<circle cx="{x + 20 + step % 8 * 18}" cy="{258 - step // 8 * 13}" r="9" fill="{fruit}"/>'
            for step in range(16)
        )
        stalls.append(
            f'<path fill="#7a5b43" d="M{x + 4} 170h6v150h-6zM{x + 158} 170h6v150h-6z"/>{stripes}{fruits}'
            f'<path fill="#9a7350" d="M{x + 2} 262h164v66H{x + 2}z"/><path fill="#87633f" d="M{x + 2} 290h164v6H{x + 2}z"/>'
        )
    lamps = "".join(
        f'<path stroke="#6b5a4d" stroke-width="2" d="M{x} 0v52"/><circle cx="{x}" cy="62" r="12" fill="#ffe6a3"/>'
        for x in (120, 300, 480)
    )
    return _scene(("#e9d9c3", "#f4e9d8"), "#c9b79f", 328, lamps + "".join(stalls))


def wetland() -> str:
    """Return birds over a marsh."""
    hills = '<path fill="#9db6b4" d="M0 230q90-50 190-20t190-24 220 14v60H0z"/>'
    banks = "".join(
        f'<path fill="{colour}" d="M{left} {top}q{width // 2}-14 {width} 0t{-width} 0z"/>'
        for colour, left, top, width in (
            ("#6f8f62", 40, 290, 220),
            ("#7d9c6c", 330, 280, 200),
            ("#58794f", 210, 345, 300),
            ("#6f8f62", -60, 375, 240),
        )
    )
    birds = "".join(
        f'<path fill="none" stroke="#3d4a52" stroke-width="{size / 7:.1f}" stroke-linecap="round" '
        f'd="M{x} {y}q{size / 2}-{size / 2} {size} 0q{size / 2}-{size / 2} {size} 0"/>'
        for x, y, size in (
            (300, 90, 22),
            (252, 110, 20),
            (352, 108, 20),
            (206, 132, 18),
            (400, 130, 18),
            (164, 156, 15),
            (446, 154, 15),
            (120, 60, 12),
            (500, 70, 12),
            (470, 50, 10),
        )
    )
    return _scene(("#bcd3dc", "#f3ead6"), "#b9ccca", 250, hills + banks + birds)


def ferry() -> str:
    """Return a ferry at night."""
    windows = "".join(f'<path fill="#ffe19a" d="M{x} 236h16v13h-16z"/>' for x in range(196, 400, 26))
    upper = "".join(f'<path fill="#ffe19a" d="M{x} 205h14v11h-14z"/>' for x in range(238, 360, 24))
    hull = '<path fill="#e9edf2" d="M180 226h240v34H180zM226 196h150v30H226z"/><path fill="#b8433a" d="M286 166h30v30h-30z"/>'
    keel = '<path fill="#23415f" d="M150 260h300l-34 44H190z"/>'
    stars = "".join(
        f'<circle cx="{37 * step % 600}" cy="{53 * step % 150 + 8}" r="1.3" fill="#fff"/>' for step in range(1, 40)
    )
    moon = '<circle cx="480" cy="80" r="28" fill="#fdf3d3"/>'
    return _scene(
        ("#12233f", "#3a5a80"),
        "#1c3554",
        285,
        stars + moon + keel + hull + windows + upper + _ripples("#ffe19a", 316, 300),
    )
