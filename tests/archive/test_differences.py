"""What a reader would say changed between two versions of a story is what is shown, and nothing else."""

from __future__ import annotations

import random
import re
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from support.cleaned import clean_html
from support.crawling import MOMENT, PROJECT

from zbcrawler.archive import posts
from zbcrawler.archive.differences import Piece, compare
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.items import Story

REAL = PROJECT.parent / "shared" / "real-pages" / "sg-drupal-2020"
MARKS = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}


def story(*paragraphs, title="标题", pictures=()):
    address = StoryAddress.parse("/realtime/china/story20260131-1")
    figures = [
        f'<figure><img src="{source}" alt=""><figcaption>{caption}</figcaption></figure>'
        for source, caption in pictures
    ]
    return Story(address, title, MOMENT, [*figures, *(f"<p>{text}</p>" for text in paragraphs)])


def shown(pieces):
    return "".join(MARKS[kind].format(text) for kind, text in pieces)


def text_of(difference):
    return [(kind, shown(pieces)) for kind, pieces in difference.text]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("他今年34岁。", "他今年35岁。", "他今年[-34-]{+35+}岁。"),
        ("大桥早上8时通车。雨停了。", "大桥早上8时30分通车。雨停了。", "大桥早上8时{+30分+}通车。雨停了。"),
        ("警方说：“已逮捕两人。”", "警方说：“已逮捕三人。”", "警方说：“已逮捕[-两-]{+三+}人。”"),
        ("第一句。第三句。", "第一句。全新的话在此！第三句。", "第一句。{+全新的话在此！+}第三句。"),
        ("有三十人受伤。", "其中二十人死亡，其中三十人受伤。", "[-有-]{+其中二十人死亡，其中+}三十人受伤。"),
        ("他说，其中30人受伤。", "他说，其中20人死亡，其中30人受伤。", "他说，{+其中20人死亡，+}其中30人受伤。"),
        ("桥上设有人行道和脚踏车道，不收费。", "桥上设有人行道，不收费。", "桥上设有人行道[-和脚踏车道-]，不收费。"),
        ("股价升1.5%。", "股价升11.5%。", "股价升[-1.5%-]{+11.5%+}。"),
        ("公司Alphabet宣布", "公司Alpha宣布", "公司[-Alphabet-]{+Alpha+}宣布"),
        ("天气很好，适合出门。", "股市大跌引发恐慌。", "[-天气很好，适合出门。-]{+股市大跌引发恐慌。+}"),
    ],
)
def test_edits_are_shown_inside_their_sentence(old, new, expected):
    difference = compare(story(old), story(new))
    assert "".join(text for _, text in text_of(difference)) == expected
    assert difference.summary == "1 sentence"


def test_few_common_characters_between_two_edits_are_no_confetti():
    (change,) = compare(story("部长星期六批评的银行亏损了。"), story("部长星期六赞扬的酒店开张了。")).text
    assert shown(change.pieces) == "部长星期六[-批评的银行亏损-]{+赞扬的酒店开张+}了。"


def test_paragraphs_that_move_split_and_join_are_what_they_are():
    first, second, third = "甲甲乙乙丙丙。", "丁丁戊戊己己。庚庚辛辛壬壬。", "子子丑丑寅寅。卯卯辰辰巳巳。"
    assert text_of(compare(story(first, second, third), story(second, third, first))) == [
        ("same", second),
        ("same", third),
        ("moved", first),
    ]
    halves = [f"{half}。" for half in second.split("。")[:2]]
    assert text_of(compare(story(first, second), story(first, *halves))) == [
        ("same", first),
        ("changed", "丁丁戊戊己己。{+\n+}庚庚辛辛壬壬。"),
    ]
    joined = compare(story(*halves, third), story(second, third))
    assert text_of(joined)[0] == ("changed", "丁丁戊戊己己。[-\n-]庚庚辛辛壬壬。")
    assert joined.summary == "paragraphs"


def test_added_and_removed_paragraphs_keep_their_neighbours():
    difference = compare(story("甲甲甲。", "乙乙乙。"), story("甲甲甲。", "丙丙丙。丁丁丁。", "乙乙乙。"))
    assert text_of(difference) == [("same", "甲甲甲。"), ("added", "{+丙丙丙。丁丁丁。+}"), ("same", "乙乙乙。")]
    assert difference.summary == "2 sentences"


def test_title_time_text_and_pictures_are_told_apart():
    site, mirror = "https://static.zaobao.com/s3fs-public/", "https://static1.zbstatic1.com/s3fs-public/"
    old = story("字。", title="大桥通车", pictures=[(f"{site}a.jpg?itok=1", "旧图说。"), (f"{site}b.jpg", "乙")])
    new = story("字。", title="大桥今早通车", pictures=[(f"{mirror}a.jpg", "新图说。"), (f"{site}c.jpg", "丙")])
    difference = compare(old, replace(new, published=MOMENT + timedelta(hours=2)))
    assert shown(difference.title) == "大桥{+今早+}通车"
    assert difference.times == (MOMENT, MOMENT + timedelta(hours=2))
    assert difference.text == ()
    assert [(kind, address[-5:], shown(caption)) for kind, address, caption in difference.pictures] == [
        ("removed", "b.jpg", "[-乙-]"),
        ("added", "c.jpg", "{+丙+}"),
        ("changed", "a.jpg", "[-旧-]{+新+}图说。"),
    ]
    assert difference.summary == "title; time; 1 picture; 1 caption"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["<p>字 &amp; <strong>字</strong></p>"], ["<h3>字 <em>&amp;</em> 字</h3>"]),
        (['<p><a href="https://a.b/">字</a></p>'], ['<p><a href="https://c.d/">字</a></p>']),
        (
            ['<figure><img src="https://static.zaobao.com/s3fs-public/a.jpg" alt=""></figure>'],
            ['<figure><img src="../../../../pictures/aa/aa.jpg" alt="x"></figure>'],
        ),
    ],
)
def test_what_no_reader_of_the_text_notices_is_no_change(old, new):
    difference = compare(replace(story(), body=old), replace(story(), body=new))
    assert (difference.is_empty, difference.summary) == (True, "")


def joined(changes, kind):
    """Return the old words (``removed``) or the new ones (``added``) of changes without moves."""
    pieces = (piece for change in changes for piece in (*change.pieces, Piece("same", "\n")))
    return re.sub("\n+", "\n", "".join(text for each, text in pieces if each in ("same", kind))).strip("\n")


def test_the_pieces_make_up_the_old_and_the_new_words_whatever_was_edited():
    chance = random.Random(7)
    letters = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    moves = 0
    for _ in range(300):
        sentences = [
            "".join(chance.choices(letters + "0123456789 ，ab", k=chance.randint(1, 30))) + chance.choice("。！？；…x")
            for _ in range(chance.randint(1, 12))
        ]
        old = ["".join(sentences[n : n + 3]) for n in range(0, len(sentences), 3)]
        characters = list("\n".join(old))
        for _ in range(chance.randint(0, 8)):
            place = chance.randrange(len(characters))
            characters[place : place + chance.randint(0, 9)] = chance.choices([*letters, "\n"], k=chance.randint(0, 6))
            characters = characters or ["字"]
        new = list(filter(None, (line.strip() for line in "".join(characters).split("\n")))) or ["字"]
        chance.shuffle(new)
        changes = compare(story(*old), story(*new)).text
        moves += any(change.kind == "moved" for change in changes)
        folded = ["\n".join(line.strip() for line in lines) for lines in (old, new)]
        if changes and not any(change.kind == "moved" for change in changes):
            assert [joined(changes, kind) for kind in ("removed", "added")] == folded
        elif changes:
            assert joined(changes, "added") == folded[1]
    assert 0 < moves < 300


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["字" * 100_000], ["字" * 50_000 + "x" + "字" * 50_000]),
        (["甲乙" * 50_000], ["乙甲甲" * 33_000]),
        (["甲乙丙丁戊。" * 15_000], ["乙丙甲丁戊。" * 15_000]),
        ([f"段{n % 700}。" for n in range(5000)], [f"段{n % 701}。" for n in range(5000, 0, -1)]),
        ([f"{n}甲" if n % 2 else f"{n}" for n in range(6000)], [f"{n}乙" if n % 2 else f"{n}" for n in range(6000)]),
        (["段"] * 5000, ["段", "x"] * 2500),
    ],
)
def test_texts_made_to_be_slow_take_seconds(old, new):
    began = time.process_time()
    changes = compare(story(*old), story(*new)).text
    assert time.process_time() - began < 20
    assert changes


def test_of_two_real_captures_only_what_the_newspaper_edited_is_shown():
    if not REAL.is_dir():
        pytest.skip("the real pages are not here")
    versions = [posts.read((REAL / f"20210121-1118071-capture{n}.md").read_text("utf-8")) for n in (1, 2)]
    for version in versions:
        version.body = clean_html("".join(version.body))
    difference = compare(*versions)
    assert [text for kind, text in difference.title if kind == "added"] == ["有者"]
    changed = [change for change in difference.text if change.kind != "same"]
    assert [(kind, text) for kind, text in changed[0].pieces if kind != "same"] == [
        ("removed", "可"),
        ("added", "资格"),
        ("removed", "（settled status）资格"),
    ]
    assert (len(changed), difference.pictures, difference.summary) == (1, (), "title; time; 1 sentence")
