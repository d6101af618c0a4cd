"""Charts as SVG inside a page. Their colours are the page's CSS variables, so the charts follow the page's theme.

Charts are Vega-Lite descriptions, drawn by vl-convert. Days and weeks are computed here, because Vega would compute
them in the time zone of the machine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from zbcrawler.tools.coverage.days import GAP, LEVELS

_CONFIG = {
    "background": None,
    "view": {"stroke": None},
    "font": "system-ui, sans-serif",
    "axis": {
        "labelColor": "currentColor",
        "titleColor": "currentColor",
        "domainColor": "var(--line)",
        "tickColor": "var(--line)",
        "gridColor": "var(--line)",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "header": {"labelColor": "currentColor", "labelFontSize": 12, "title": None},
}
_CELL = 12
_SHADES = {GAP: "var(--gap)", "0": "var(--none)"} | {f"{n}": f"var(--shade{n})" for n in range(1, LEVELS + 1)}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def load_library() -> Any:
    """Import vl-convert. The library is large and optional; nothing else imports it.

    :raises ImportError: if the library is not installed (``requirements-report.txt``)
    """
    import vl_convert  # noqa: PLC0415

    return vl_convert


def calendar(year: int, sections: Mapping[str, Mapping[date, str]]) -> str:
    """Return a year as a grid of weeks and weekdays, one below the other for each section.

    :param sections: :func:`zbcrawler.tools.coverage.days.levels` of each
    """
    rows = [
        {"section": name, "week": _week(day), "weekday": day.weekday(), "level": level, "mark": "×" * (level == GAP)}
        for name, days in sections.items()
        for day, level in days.items()
        if day.year == year
    ]
    months = {_week(date(year, month, 1)): name for month, name in enumerate(_MONTHS, 1)}
    shade = {"field": "level", "scale": {"domain": list(_SHADES), "range": list(_SHADES.values())}, "legend": None}
    facet = {"field": "section", "sort": list(sections), "header": {"labelOrient": "top", "labelAnchor": "start"}}
    return _svg(
        {
            "data": {"values": rows},
            "facet": {"row": facet},
            "resolve": {"axis": {"x": "independent"}},
            "spec": {
                "width": {"step": _CELL},
                "height": {"step": _CELL},
                "encoding": {
                    "x": _grid("week", 54, months, {"labelAngle": 0, "labelAlign": "left"}),
                    "y": _grid("weekday", 7, {0: "Mon", 3: "Thu", 6: "Sun"}, {}),
                },
                "layer": [
                    {"mark": {"type": "rect", "width": _CELL - 2, "height": _CELL - 2}, "encoding": {"color": shade}},
                    # The crosses are for readers who cannot tell the colours apart.
                    {"mark": {"type": "text", "color": "var(--ground)"}, "encoding": {"text": {"field": "mark"}}},
                ],
            },
        }
    )


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
    colours = {"domain": list(kinds), "range": ["var(--shade4)", "var(--shade2)"][: len(kinds)]}
    labels = {"title": axis, "labelAngle": -45 if any(len(row[0]) > 3 for row in rows) else 0}
    counts = {"title": None, "tickMinStep": 1, "format": ",d"}
    return _svg(
        {
            "data": {"values": values},
            "width": max(_CELL * 2 * len(rows), 240),
            "height": 160,
            "mark": "bar",
            "encoding": {
                "x": {"field": "at", "type": "ordinal", "sort": None, "axis": labels},
                "xOffset": {"field": "kind", "sort": list(kinds)},
                "y": {"field": "count", "type": "quantitative", "axis": counts},
                "color": {"field": "kind", "scale": colours, "legend": None},
            },
        }
    )


def _week(day: date) -> int:
    """Return the number of a day's week in its year, from 0; weeks begin on Mondays."""
    monday = date(day.year, 1, 1) - timedelta(days=date(day.year, 1, 1).weekday())
    return (day - monday).days // 7


def _grid(field: str, count: int, names: Mapping[int, str], more: Mapping[str, Any]) -> dict[str, Any]:
    lookup = "{" + ", ".join(f"'{value}': '{name}'" for value, name in names.items()) + "}"
    axis = {"values": list(names), "labelExpr": f"{lookup}[datum.value]", "title": None, "ticks": False, **more}
    scale = {"domain": list(range(count))}
    return {"field": field, "type": "ordinal", "scale": scale, "axis": {"domain": False, **axis}}


def _svg(chart: dict[str, Any]) -> str:
    svg = load_library().vegalite_to_svg({**chart, "config": _CONFIG})
    # Inside HTML the namespaces are known, and the page names the chart for screen readers.
    return re.sub(r' (?:xmlns(?::xlink)?|role|aria-[a-z]+)="[^"]*"', "", svg)
