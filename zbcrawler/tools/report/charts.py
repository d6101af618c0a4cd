"""Charts as SVG inside a page. Their colours are the page's CSS variables, so the charts follow the page's theme.

Charts are Vega-Lite descriptions, drawn by vl-convert. Days and weeks are computed here, because Vega would compute
them in the time zone of the machine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from zbcrawler.tools.report.days import GAP, LEVELS

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
"""The templates of the page and of its charts."""

_SHADES = {GAP: "var(--gap)", "0": "var(--none)"} | {f"{n}": f"var(--shade{n})" for n in range(1, LEVELS + 1)}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def calendar(year: int, sections: Mapping[str, Mapping[date, str]]) -> str:
    """Return a year as a grid of weeks and weekdays, one below the other for each section.

    :param sections: :func:`zbcrawler.tools.report.days.levels` of each
    """
    rows = [
        {"section": name, "week": _week(day), "weekday": day.weekday(), "level": level, "mark": "×" * (level == GAP)}
        for name, days in sections.items()
        for day, level in days.items()
        if day.year == year
    ]
    months = {_week(date(year, month, 1)): name for month, name in enumerate(_MONTHS, 1)}
    return _svg("calendar.json", rows=rows, sections=list(sections), months=months, shades=_SHADES)


def bars(rows: Sequence[tuple[Any, ...]], axis: str, kinds: Sequence[str]) -> str:
    """Return bars side by side.

    :param rows: label, and a height for each of the kinds
    :param axis: title of the axis with the labels
    :param kinds: two at most
    """
    values = [
        {"at": label, "kind": kind, "count": count}
        for label, *counts in rows
        for kind, count in zip(kinds, counts, strict=True)
    ]
    angle = -45 if any(len(row[0]) > 3 for row in rows) else 0
    return _svg("bars.json", values=values, width=max(24 * len(rows), 240), axis=axis, angle=angle, kinds=kinds)


def _week(day: date) -> int:
    """Return the number of a day's week in its year, from 0; weeks begin on Mondays."""
    first = date(day.year, 1, 1)
    return ((day - first).days + first.weekday()) // 7


def _svg(template: str, **values: object) -> str:
    svg = vl_convert.vegalite_to_svg(TEMPLATES.get_template(template).render(values))
    # Inside HTML the namespaces are known, and the page names the chart for screen readers.
    return re.sub(r' (?:xmlns(?::xlink)?|role|aria-[a-z]+)="[^"]*"', "", svg)
