"""The newspaper's sections as readers see them: their names, their order, the names of their pages."""

import re
from zlib import crc32

# The names that the newspaper's site gives its oldest sections. Other sections are shown by their paths.
_TREES = {"realtime": "即时", "news": "新闻"}
_SECTIONS = {"china": "中国", "world": "国际", "singapore": "新加坡", "sea": "东南亚"}
_SECTIONS |= {"finance": "财经", "sports": "体育"}
# With other characters, two sections could get the same name on some disk.
_PLAIN = re.compile("[a-z0-9]{1,40}(/[a-z0-9]{1,40}){0,2}")
_UNSAFE = re.compile("[^a-z0-9]+")


def label_of(section: str) -> str:
    """Return the name that readers see: ``即时·中国`` for ``realtime/china``."""
    tree, _, name = section.partition("/")
    return "·".join(filter(None, (_TREES.get(tree, tree), _SECTIONS.get(name, name)))) or "其他"


def rank_of(section: str) -> tuple[int, int, str]:
    """Return the sort key of a section: the order of the newspaper's site, then the path."""
    tree, _, name = section.partition("/")
    places = [[*known, part].index(part) for part, known in ((tree, _TREES), (name, _SECTIONS))]
    return places[0], places[1], section


def slug_of(section: str) -> str:
    """Return a file name for a section that every disk can hold and that no other section has."""
    if _PLAIN.fullmatch(section):
        return section.replace("/", "-")
    return f"{_UNSAFE.sub('-', section.lower())[:40].strip('-') or 'other'}--{crc32(section.encode()):08x}"
