"""The HTML of the report: the document, charts with their tables, tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from zbcrawler.tools.coverage import charts

_STYLE = Path(__file__).with_name("style.css")


def document(title: str, body: str) -> str:
    """Return a page that loads nothing.

    :param title: plain text
    """
    style = _STYLE.read_text("utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n'
        f"<title>{escape(title)}</title>\n"
        f'<link rel="icon" href="data:,">\n<style>\n{style}</style>\n</head>\n'
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def bars(rows: Sequence[tuple[str, Mapping[str, int]]], axis: str, kinds: Sequence[str]) -> Iterator[str]:
    """Yield a bar chart and its numbers; the parameters are those of :func:`zbcrawler.tools.coverage.charts.bars`."""
    yield chart(f"{' and '.join(kinds)} by {axis}", charts.bars(rows, axis, kinds))
    numbers = table([axis, *kinds], ((label, *(counts[kind] for kind in kinds)) for label, counts in rows))
    yield f"<details><summary>In numbers</summary>{numbers}</details>"


def chart(name: str, svg: str) -> str:
    """Return a chart with a name for screen readers."""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(name)}">'
        f'<div role="img" aria-label="{escape(name)}; the numbers follow as a table">{svg}</div></div>'
    )


def table(head: Sequence[str], rows: Iterable[Sequence[object]], kind: str = "") -> str:
    """Return a table.

    :param kind: CSS class
    """
    top = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = "\n".join("<tr>" + "".join(f"<td>{_cell(value)}</td>" for value in row) + "</tr>" for row in rows)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(head[0])} table"><table class="{kind}">'
        f"<thead><tr>{top}</tr></thead><tbody>\n{lines}\n</tbody></table></div>"
    )


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else escape(str(value))
