"""Learn how story pages are read, from half of the stories, and prove the result on the other half."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import dropwhile
from math import fsum  # the order of a set does not count
from typing import Any

from zbcrawler.editions.field_sources import place_of
from zbcrawler.editions.learning.evidence import Example, overlap
from zbcrawler.editions.learning.fields import find_time, find_title
from zbcrawler.editions.learning.noise import find_noise_rules
from zbcrawler.editions.learning.pictures import find_captions, find_lead, find_picture_forms
from zbcrawler.editions.learning.proof import judge
from zbcrawler.editions.learning.selectors import own_name_of
from zbcrawler.editions.learning.texts import find_breaks, find_containers, find_forms, find_kinds, find_order
from zbcrawler.editions.page import Page
from zbcrawler.items import Story

# Stories with these are rarer than others, and show more of a build.
_RARE = ("<table", "<blockquote", "<ul", "<ol", "<h2", "<h3", "<h4", "<figcaption", "<figure", "<strong", "<a ", "<pre")
_ENOUGH = 6  # stories with the same rare feature
_LEAST_SHOWN = 0.5  # of a story's letters must stand on its page
_LEAST_PAGES = 0.6  # of the pages must show their stories
_MOST_CUT = 0.07  # of the pages may show the beginning of a story without a mark that says so
_MOST_LANDMARKS = 6
_VALUE = re.compile(r"data\[(?!key=)")  # a value in data may be this story's own
# What a story page may declare besides title, time and text. Each search reads the pages by what was found before.
_SEARCHES: tuple[tuple[str, Callable[[Sequence[Example]], Any]], ...] = (
    ("breaks", find_breaks),
    ("order", find_order),
    ("lead", find_lead),
    ("forms", find_picture_forms),
    ("captions", find_captions),
    ("forms", find_forms),
    ("kinds", find_kinds),
    ("noise", find_noise_rules),
)


@dataclass(frozen=True)
class Lesson:
    """An archived story, and the page that the site serves for it now."""

    page: Page
    story: Story  # as read from its post


@dataclass
class Learnt:
    """The result of learning one kind of page."""

    declaration: dict[str, Any] | None  # a part of an edition's file, None if nothing was proved
    says: str  # how far it came, one line
    proof: dict[str, int] = field(default_factory=dict)


def features_of(story: Story) -> set[str]:
    """Return the rare features of a story's text; pictures above, in and after it are some, too."""
    found = {mark for mark in _RARE if any(mark in line for line in story.body)}
    inner = [line for line in dropwhile(lambda line: "<img " in line, story.body) if "<img " in line]
    found |= {"inner pictures"} if inner else set()
    found |= {"lead picture"} if "<img " in "".join(story.body[:1]) else set()
    found |= {"gallery"} if "<img " in "".join(story.body[:1]) and "<img " in "".join(story.body[1:2]) else set()
    return found | ({"inner captions"} if "<figcaption" in "".join(inner) else set())


def choose(stories: Sequence[Story], most: int) -> list[Story]:
    """Return stories to learn from, those with rare features first."""
    features = {id(one): {"cut"} if one.truncated else features_of(one) for one in stories if one.body}
    count = Counter(mark for marks in features.values() for mark in marks)
    chosen: list[Story] = []
    seen: Counter[str] = Counter()
    waiting = [story for story in stories if id(story) in features]
    while waiting and len(chosen) < most:
        wanted = {mark for mark in count if seen[mark] < _ENOUGH}
        best = max(waiting, key=lambda story: fsum(1 / count[mark] for mark in features[id(story)] & wanted))
        waiting.remove(best)
        chosen.append(best)
        seen.update(features[id(best)])
    return chosen


def halves(stories: Sequence[Story]) -> tuple[list[int], list[int]]:
    """Return the numbers of the stories that teach, and of those that judge: each half has its share of features."""
    sides: tuple[list[int], list[int]] = ([], [])
    seen: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    features = [features_of(story) for story in stories]
    total = Counter(mark for marks in features for mark in marks)
    for number in sorted(range(len(stories)), key=lambda one: -fsum(1 / total[mark] for mark in features[one])):
        shares = [fsum(count[mark] / total[mark] for mark in features[number]) for count in seen]
        is_full = [2 * len(side) >= len(stories) + 1 for side in sides]
        side = min((0, 1), key=lambda one: (is_full[one], shares[one], len(sides[one])))
        sides[side].append(number)
        seen[side].update(features[number])
    return sides


def learn_stories(lessons: Sequence[Lesson], least: int = 10, least_equal: float = 0.5) -> Learnt:
    """Learn the story pages from half of the lessons, and prove the result on the other half.

    :param least: how many stories must teach, and how many judge
    :param least_equal: the share of the judging stories whose text must be the archived one; perhaps three in ten are
        edited after they were archived
    """
    examples = [example for one in lessons if (example := Example.of(one.page, one.story)).known]
    cut = [one for one in examples if one.is_cut and one.findable]
    shown = [one for one in examples if one.findable >= _LEAST_SHOWN * one.known and not one.is_cut]
    says = f"the archived words stand on {len(shown)} of {len(lessons)} pages"
    if len(shown) < max(2 * least, _LEAST_PAGES * (len(lessons) - len(cut))):
        return Learnt(None, f"{says}, which is too few ({2 * least} at least)")
    teaching, judging = ([shown[number] for number in half] for half in halves([one.story for one in shown]))
    story = declare(teaching, cut)
    if isinstance(story, str):
        return Learnt(None, f"{says}; {story}")
    marks = list(find_cuts(cut, shown))
    if not marks and sum(not one.story.truncated for one in cut) > _MOST_CUT * len(examples):
        what = f"{len(cut)} pages show no more than the beginnings of their stories, without a mark"
        return Learnt(None, f"{says}; {what}")
    story.setdefault("noise", []).extend(marks)
    verdict = judge(judging, story, least_equal)
    story["landmarks"] = find_landmarks([*shown, *cut], story)
    proof = {"taught": len(teaching), "judged": len(judging), **verdict.right}
    return Learnt(None if verdict.faults else story, str(verdict), proof)


def declare(examples: Sequence[Example], cut: Sequence[Example] = ()) -> dict[str, Any] | str:
    """Return the declaration that examples teach, or why there is none; cut ones show titles and times."""
    headed = [*examples, *cut]
    title, published, body = find_title(headed), find_time(headed), find_containers(examples)
    for found, what in ((title, "shows the titles"), (published, "shows the times"), (body, "holds the texts")):
        if not found:
            return f"no place of the pages {what}"
    story: dict[str, Any] = {"title": title, "published": published, "body": body}
    for name, search in _SEARCHES:
        if value := search([example.declaring(story) for example in examples]):
            story[name] = story.get(name, {}) | value if isinstance(value, dict) else value
    return story


def find_cuts(cut: Sequence[Example], whole: Sequence[Example]) -> Iterator[dict[str, Any]]:
    """Yield rules for what stands beside the beginning of a story, and on no page with a whole story."""
    count: Counter[str] = Counter()
    for one in cut:
        story = [span for places in one.text_places.values() for span in places]
        told = [(element, span) for element, span in one.letters.spans.items() if isinstance(element.tag, str)]
        count.update({own_name_of(one) for one, span in told if span[0] < span[1] and not overlap(span, story)} - {""})
    for css, number in count.items():
        if number >= max(2, len(cut) / 2) and not any(one.page.all(css) for one in whole):
            yield {"css": css, "cuts": True, "reason": f"stands in {number} of {len(cut)} cut pages and in no other"}


def find_landmarks(examples: Sequence[Example], story: dict[str, Any]) -> list[str]:
    """Return selectors of what all pages have: where the story is read, and a few names of the build."""
    places = [*story["body"], *(place_of(place)[0] for place in story["title"])]
    count: Counter[str] = Counter()
    for example in examples:
        count.update({own_name_of(element) for element in example.letters.spans if isinstance(element.tag, str)})
    noise = {"", *(rule.get("css") for rule in story.get("noise", ()))}
    common = [name for name, number in count.items() if number == len(examples) and name not in noise]
    build = sorted(name for name in common if not _VALUE.match(name))
    step = max(1, len(build) // _MOST_LANDMARKS)
    wanted = dict.fromkeys([*places, *build[::step]])
    return [css for css in wanted if all(example.page.all(css) for example in examples)][:_MOST_LANDMARKS]
