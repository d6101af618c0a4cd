"""Show edits of the newspaper: for readers as lines of a terminal, for programs as JSON.

Titles, texts and addresses are other people's words: whatever they hold, no escape sequence reaches the terminal.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from zbcrawler.archive.differences import ADDED, MOVED, REMOVED, SAME, Piece, paragraphs
from zbcrawler.archive.past import Edit
from zbcrawler.archive.pictures import sources
from zbcrawler.common.text import drop_unprintable, fold, shorten
from zbcrawler.common.times import shown

MARKS = {REMOVED: "[-{}-]", ADDED: "{{+{}+}}", "head": "{}", "label": "{}"}
"""What stands around pieces, as patterns of ``str.format``, where there are no colours."""
COLOURS = {REMOVED: "\x1b[31;9m{}\x1b[0m", ADDED: "\x1b[32m{}\x1b[0m", "head": "\x1b[1m{}\x1b[0m"}
COLOURS["label"] = "\x1b[2m{}\x1b[0m"
_SENTENCE_END = re.compile(r"[。！？；…\n][”’」』）》]*")
_MOST_AROUND = 40  # characters before and behind an edit, where its sentence is longer
_LABEL = 9  # characters
_PARAGRAPH = 100  # characters of a paragraph that moved


def lines_of(edit: Edit, style: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines that show one edit; ``style`` is ``MARKS`` or ``COLOURS``."""
    difference = edit.difference
    yield f"{shown(edit.time)}  {edit.kind}  {style['head'].format(fold(edit.new.title))}"
    yield f"  {style['label'].format(fold(edit.new.address.url))}"
    rows = [("title", _render(difference.title, style))] if difference.title else []
    if difference.times:
        rows.append(("time", " → ".join(shown(time) if time else "none" for time in difference.times)))
    for change in difference.text:
        if change.kind == MOVED:
            rows.append(("moved", shorten(_render(change.pieces, style), _PARAGRAPH)))
        elif change.kind != SAME:
            rows.append(("text", _render(_near_edits(change.pieces), style)))
    for kind, address, caption in difference.pictures:
        sign = {REMOVED: "− ", ADDED: "+ "}.get(kind, "")
        rows.append(("picture" if sign else "caption", f"{sign}{_render(caption, style)} {fold(address)}"))
    for place, (label, words) in enumerate(rows):
        is_again = place and rows[place - 1][0] == label
        yield "  " + style["label"].format(("" if is_again else label).ljust(_LABEL)) + words


def as_json(edit: Edit) -> str:
    """Return one edit as one line of JSON; Chinese is not escaped."""
    document: dict[str, Any] = {
        "number": edit.new.address.number,
        "address": edit.new.address.url,
        "time": edit.time.isoformat(),
        "kind": edit.kind,
        "summary": edit.difference.summary,
    }
    for name, story in (("old", edit.old), ("new", edit.new)):
        document |= {f"{name}_title": story.title, f"{name}_text": "\n".join(paragraphs(story))}
        document |= {f"{name}_published": story.published and story.published.isoformat()}
        document |= {f"{name}_pictures": sources(story.body)}
    return drop_unprintable(json.dumps({**document, "path": edit.path, "commit": edit.commit}, ensure_ascii=False))


def _render(pieces: Iterable[Piece], style: Mapping[str, str]) -> str:
    texts = ((kind, fold(text.replace("\n", "¶"))) for kind, text in pieces)
    return "".join(text if kind == SAME else style[kind].format(text) for kind, text in texts)


def _near_edits(pieces: tuple[Piece, ...]) -> Iterator[Piece]:
    """Yield pieces with what is the same only as far as it belongs to the sentence of an edit."""
    for place, (kind, text) in enumerate(pieces):
        if kind != SAME:
            yield Piece(kind, text)
            continue
        ends = [found.end() for found in _SENTENCE_END.finditer(text)]
        head = min(ends[0] if ends else len(text), _MOST_AROUND) if place else 0
        tail = max(ends[-1] if ends and ends[-1] < len(text) else 0, len(text) - _MOST_AROUND)
        if place == len(pieces) - 1:
            tail = len(text)
        is_cut = head < tail
        yield Piece(SAME, f"{text[:head]}…{text[tail:]}" if is_cut else text)
