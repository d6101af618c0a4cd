"""Report, without any news, what the site sends: for people who cannot reach the site, to be pasted into an issue.

No word of a page is printed. Names in a page (tags, classes, keys of data) are printed if they are short and of plain
letters, and only the most frequent. Addresses and the values of headers are not printed.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from lxml.html import HtmlElement

from zbcrawler.common.errors import PageError
from zbcrawler.common.markup import TimeBudget
from zbcrawler.editions import Page
from zbcrawler.editions.embedded_json import json_in
from zbcrawler.editions.learnt import LearntEdition
from zbcrawler.editions.mainland import Astro, astro_value
from zbcrawler.editions.react import hydrated
from zbcrawler.tools.doctor import Check
from zbcrawler.tools.doctor.site import DoctorSpider
from zbcrawler.tools.probing import PageFindings, describe_edition

_MOST = 40  # names, and rules of robots.txt
_NAME = re.compile(r"@?[A-Za-z][A-Za-z0-9_:-]{0,23}", re.ASCII)
_RULE = re.compile(r"(?:user-agent|(?:dis)?allow|crawl-delay|sitemap): ?[\w/*$?=&.:%-]{0,100}", re.I | re.A)
# The site's own words on a story's page, whose markup site-layouts does not know (sections 4.2, 8 and 14).
_LABELS = ("订户", "赠阅文章", "发布", "更新", "延伸阅读", "推荐购买", "购买此文章")


def report(spider: DoctorSpider, checks: Sequence[Check]) -> Iterator[str]:
    """Yield the lines of the report, in Markdown."""
    yield "# What the site sends\n\nThis holds no news. Please paste it into an issue of zbcrawler.\n"
    yield from (f"* {check.subject}: {'WRONG' if check.remedy else 'ok'}" for check in checks)
    yield "\n## Answers\n"
    yield f"* status: {_counted(str(answer.status) for answer in spider.answers)}"
    headers = (name.decode("latin-1") for answer in spider.answers for name in answer.headers)
    yield f"* headers: {_counted(map(_safe, headers))}"
    yield "\n## robots.txt\n"
    rules = [line.strip() for line in spider.rules.splitlines() if line.strip()]
    yield from (f"    {rule if _RULE.fullmatch(rule) else '…'}" for rule in rules[:_MOST])
    pages = []
    for name, found in spider.pages.items():
        if page := found.page and Page(found.page.address, found.page.text):  # the cleaner has changed the tree
            yield f"\n## Page: {name}\n"
            try:
                with TimeBudget(10 * spider.crawl.page_seconds, page.address):
                    yield from [f"* {line}" for line in _describe(page, found)]
                pages.append(replace(found, page=page))
            except PageError as error:
                yield f"* cannot be looked through: {type(error).__name__}"
    yield "\n## Checklist of docs/reference/site-layouts.md\n"
    for number, (question, answer) in enumerate(_checklist(pages), 1):
        yield f"{number}. {question}: {answer or 'not seen'}"


def _safe(name: object) -> str:
    return name if isinstance(name, str) and _NAME.fullmatch(name) else "…"


def _describe(page: Page, found: PageFindings) -> Iterator[str]:
    """Yield what is known of one page."""
    names = () if page.json is not None else (_path(element)[-1] for element in page.tree.iter("*"))
    yield f"{len(page.text)} characters{', whole' * page.is_whole}; names: {_counted(names) or 'none'}"
    is_learnt = isinstance(found.edition, LearntEdition)  # whose marks are the page's own
    about = ["a learnt edition"] if is_learnt else describe_edition(found.edition, page)
    yield from (" ".join(line.split()) for line in about)
    if found.problem:
        yield "could not be read to its end"
    elif found.listing:
        times = ("no time" if not one.time else "exact" if one.exact else "relative" for one in found.listing.entries)
        yield f"times of its entries: {_counted(times)}; {'a' if found.listing.next else 'no'} next page"
    elif found.story and not is_learnt:
        places = found.story.places | {name: detail.where for name, detail in found.details.items() if detail.value}
        yield from (f"{name}: `{where}`" for name, where in places.items())
        yield f"the body has {len(found.story.body)} blocks{', cut' * found.story.truncated}"
        yield f"dropped: {_counted(f'{rule} {_path(element)[-1]}' for rule, element in found.removed)}"


def _counted(names: Iterable[str]) -> str:
    return ", ".join(f"{name} {count}×" for name, count in Counter(names).most_common(_MOST) if "…" not in name)


def _path(element: HtmlElement) -> list[str]:
    """Return the names of an element and two around it, the outermost first."""
    around = [*reversed(list(element.iterancestors())[:2]), element]
    return [".".join(map(_safe, (one.tag, *(one.get("class") or "").split()[:2]))) for one in around]


def _keys(*records: object) -> str:
    """Return the keys of records in data, and the kinds of their values."""
    pairs = {_safe(name): value for one in records if isinstance(one, dict) for name, value in one.items()}
    return ", ".join(f"`{name}` {type(value).__name__}" for name, value in list(pairs.items())[:_MOST])


def _checklist(found: Sequence[PageFindings]) -> Iterator[tuple[str, str]]:
    """Yield what site-layouts marks as unknown or guessed, with the answer; empty if it was not seen."""
    pages = [one.page for one in found if one.page]
    stories = [one.page for one in found if one.page and one.story]
    records = list(map(hydrated, stories))
    yield "the half of the site", _counted(one.edition.half for one in found if one.edition)
    yield "React's record (what holds a standfirst?)", _keys(*records)
    yield "React's contentAccess", _counted(_safe(one["contentAccess"]) for one in records if "contentAccess" in one)
    yield "the JSON-LD record", _keys(*(page.linked_data for page in stories))
    texts = [((one.text or "").strip(), one) for page in stories for one in page.tree.iter("*")]
    for label in _LABELS:
        boxes = (" > ".join(_path(one)) for text, one in texts if text.startswith(label))
        yield f"the markup of {label}", _counted(boxes)
    islands = [one.get("component-url") or "" for page in pages for one in page.all("astro-island")]
    names = (_safe(address.rpartition("/")[2].partition(".")[0]) for address in islands)
    yield "Astro's islands (how are more stories loaded?)", _counted(names)
    more = (json_in(one.get("props")) for page in pages for one in page.all(Astro.MORE))
    yield "the data of the island that loads more", _keys(*map(astro_value, more))
