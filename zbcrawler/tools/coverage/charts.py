"""Charts as SVG to stand in a page; their colours are the page's own, so that they follow its theme.

They are described in Vega-Lite and drawn by vl-convert. Days and weeks are counted here: Vega would take them in the
machine's time zone.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import vl_convert

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
LEVELS = 4
"""How many shades a day with stories may have."""
GAP = "gap"
_SHADES = {GAP: "var(--gap)", "0": "var(--none)"} | {f"{n}": f"var(--shade{n})" for n in range(1, LEVELS + 1)}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def calendar(year: int, sections: Mapping[str, Mapping[date, str]]) -> str:
    """Return a year as weeks and weekdays, a strip for each section.

    :param sections: by name, the level of each day to be drawn: ``GAP``, or ``0`` to ``LEVELS``
    """
    rows = [
        {"section": name, "week": _week(day), "weekday": day.weekday(), "level": level, "mark": "×" * (level == GAP)}
        for name, days in sections.items()
        for day, level in days.items()
        if day.year == year
    ]
    firsts = {_week(date(year, month, 1)): name for month, name in enumerate(_MONTHS, 1)}
    weeks = {
        "field": "week",
        "type": "ordinal",
        "scale": {"domain": list(range(54))},
        "axis": {
            "values": list(firsts),
            "labelExpr": f"{_lookup(firsts)}[datum.value]",
            "labelAngle": 0,
            "labelAlign": "left",
            "title": None,
            "ticks": False,
            "domain": False,
        },
    }
    weekdays = {
        "field": "weekday",
        "type": "ordinal",
        "scale": {"domain": list(range(7))},
        "axis": {
            "values": [0, 3, 6],
            "labelExpr": f"{_lookup({0: 'Mon', 3: 'Thu', 6: 'Sun'})}[datum.value]",
            "title": None,
            "ticks": False,
            "domain": False,
        },
    }
    shade = {"field": "level", "scale": {"domain": list(_SHADES), "range": list(_SHADES.values())}, "legend": None}
    return _svg(
        {
            "data": {"values": rows},
            "facet": {
                "row": {
                    "field": "section",
                    "sort": list(sections),
                    "header": {"labelOrient": "top", "labelAnchor": "start"},
                }
            },
            "resolve": {"axis": {"x": "independent"}},
            "spec": {
                "width": {"step": _CELL},
                "height": {"step": _CELL},
                "encoding": {"x": weeks, "y": weekdays},
                "layer": [
                    {"mark": {"type": "rect", "width": _CELL - 2, "height": _CELL - 2}, "encoding": {"color": shade}},
                    # Whoever can't tell the colours sees the crosses.
                    {"mark": {"type": "text", "color": "var(--ground)"}, "encoding": {"text": {"field": "mark"}}},
                ],
            },
        }
    )


def bars(rows: Sequence[tuple[str, Mapping[str, int]]], axis: str, kinds: Sequence[str]) -> str:
    """Bars side by side.

    :param rows: label and, by kind, height
    :param axis: what the labels are
    :param kinds: two at most
    """
    values = [{"at": label, "kind": kind, "count": counts.get(kind, 0)} for label, counts in rows for kind in kinds]
    colours = {"domain": list(kinds), "range": ["var(--shade4)", "var(--shade2)"][: len(kinds)]}
    return _svg(
        {
            "data": {"values": values},
            "width": max(_CELL * 2 * len(rows), 240),
            "height": 160,
            "mark": "bar",
            "encoding": {
                "x": {
                    "field": "at",
                    "type": "ordinal",
                    "sort": None,
                    "axis": {"title": axis, "labelAngle": -45 if any(len(label) > 3 for label, _ in rows) else 0},
                },
                "xOffset": {"field": "kind", "sort": list(kinds)},
                "y": {
                    "field": "count",
                    "type": "quantitative",
                    "axis": {"title": None, "tickMinStep": 1, "format": ",d"},
                },
                "color": {"field": "kind", "scale": colours, "legend": None},
            },
        }
    )


def _week(day: date) -> int:
    """Return the week of its year that a day is in, from 0; weeks begin on Mondays."""
    monday = date(day.year, 1, 1) - timedelta(days=date(day.year, 1, 1).weekday())
    return (day - monday).days // 7


def _lookup(names: Mapping[int, str]) -> str:
    return "{" + ", ".join(f"'{value}': '{name}'" for value, name in names.items()) + "}"


def _svg(chart: dict[str, Any]) -> str:
    svg = vl_convert.vegalite_to_svg({**chart, "config": _CONFIG})
    # In a page the namespaces are known, and what the chart is to be called stands around it.
    return re.sub(r' (?:xmlns(?::xlink)?|role|aria-[a-z]+)="[^"]*"', "", svg)
