"""A file of a learnt edition comes from another clone, or from a person: whatever is in it, it is used or refused."""

from __future__ import annotations

import pytest
import yaml

from zbcrawler.common.errors import EditionFileError
from zbcrawler.editions.learnt import edition_of

NAME = "learnt-20260131-abcd"
STORY = {"landmarks": ["html"], "title": ["h1"], "published": [{"at": "time @datetime"}], "body": ["article"]}
LISTING = {"landmarks": ["html"], "entries": ["li"], "title": ["h3"], "time": [{"at": "i"}], "next": "?page=N"}
BOMB = "a0: &a0 [x]\n" + "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(12))


def written(**parts):
    return yaml.safe_dump({"name": NAME, **parts})


def story(**changes):
    return written(story=STORY | changes)


def noise(**rule):
    return story(noise=[{"reason": "…"} | rule])


def test_a_whole_edition_is_used():
    rules = [{"css": "div.x", "reason": "…"}, {"begins": "广告", "reason": "…"}]
    more = {"noise": rules, "forms": {"zb-p": "p"}, "kinds": {"data @type": ["p"]}, "order": "data-s", "breaks": True}
    assert edition_of(written(story=STORY | more, listing=LISTING), NAME).name == NAME


WRONG = {
    "another name": "name: learnt-20260131-ffff\n",
    "not YAML": "name: [",
    "brackets": "name: " + "[" * 100_000,
    "too large": f"# {'x' * 200_000}\n" + story(),
    "a bomb": BOMB,
    "a bomb as a half": BOMB + written(story=STORY) + "half: *a12\n",
    "a bomb as rules": BOMB + f"name: {NAME}\nstory:\n  landmarks: *a12\n",
    "a list that holds itself": f"name: {NAME}\nstory:\n  landmarks: &a [html, *a]\n",
    "code": f"name: {NAME}\nx: !!python/object/apply:os.getcwd []\n",
    "a story that is a number": written(story=3),
    "a title that is a text": story(title="h1"),
    "a selector that is a number": story(body=[3]),
    "a broken title": story(title=["h1[["]),
    "a broken time": story(published=[{"at": "time[["}]),
    "an unknown selector": story(body=["p:unheard-of"]),
    "too long a selector": story(body=["p > i, " * 9_000 + "p"]),
    "broken noise": noise(css="p:unheard-of"),
    "noise that is a number": noise(css=3),
    "a beginning of every block": noise(begins=""),
    "a beginning that is a number": noise(begins=3),
    "kinds that are a list": story(kinds=["p"]),
    "a kind that is a number": story(kinds={"p @class": 3}),
    "a broken form": story(forms={"p[[": "p"}),
    "a form that is no tag": story(forms={"p": "a b"}),
    "breaks that are a list": story(breaks=["br"]),
    "a broken entry": written(listing=LISTING | {"entries": ["li[["]}),
    "a broken time of an entry": written(listing=LISTING | {"time": [{"at": "a[["}]}),
    "a broken next page": written(listing=LISTING | {"next": "a[[ @href"}),
    "an endless number": written(listing=LISTING | {"first": float("inf")}),
}


@pytest.mark.parametrize("text", WRONG.values(), ids=list(WRONG))
def test_a_wrong_file_is_refused_in_one_line(text):
    with pytest.raises(EditionFileError) as refused:
        edition_of(text, NAME)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300
