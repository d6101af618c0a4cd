"""What can be wrong with an archive, and how a finding is told."""

from __future__ import annotations

from typing import NamedTuple

RULES = {
    "encoding": "UTF-8 without byte order mark, line feeds only",
    "control": "no control, zero-width or bidi characters",
    "unreadable": "front matter with the address of a story, a title and a body",
    "damage": "a post that is whole, and says one thing: what has to be guessed is not mended",
    "yaml": "front matter that PyYAML reads",
    "keys": "the keys of the layout, in its order, each with the value it allows",
    "title": "the title in double quotes, as one line",
    "date": "the date in UTC, as YYYY-MM-DDTHH:MM:SS.mmmZ",
    "from": "the public address, without a query",
    "comment": "the site's time in milliseconds, or NaN, which the date agrees with",
    "heading": "the title as a link to the story",
    "layout": "comment, heading, six hyphens, an empty line, <div>, a block a line, </div>",
    "noise": "nothing that today's rules drop",
    "liquid": "no brace behind the front matter",
    "markup": "the elements and attributes of the layout, as the cleaner writes them",
    "empty": "words, or a picture",
    "picture": "kept pictures that are there, and not empty",
    "name": "the day and the number of the address",
    "folder": "the folder of the day",
    "duplicate": "one post a number",
    "stray": "posts and nothing else below _posts",
    "note": "a note that runs can read, of the story that it is named after",
}
"""What each rule asks for. A finding fails the verification."""

WARNINGS = {
    "day": "the date is no further than a day from the address (the site re-dates addresses)",
    "future": "the date has come",
    "owed": "nothing is owed",
    "gap": "no section has a gap",
}
"""What a reader should know, and no fault of the archive."""


class Finding(NamedTuple):
    """One thing that is not as a rule asks for.

    :ivar path: of the file, from the archive's folder
    :ivar rule: a name of ``RULES`` or ``WARNINGS``
    :ivar what: what is there instead, one line
    :ivar fixable: whether there is one right answer
    """

    path: str
    rule: str
    what: str
    fixable: bool = False

    @property
    def is_warning(self) -> bool:
        return self.rule in WARNINGS

    def __str__(self) -> str:
        return f"{self.path}: {self.rule}: {self.what}"
