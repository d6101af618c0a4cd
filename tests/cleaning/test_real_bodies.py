"""Independent judges check the cleaner on bodies that the site really served.

The bodies are other people's words and stay outside the project, in `../shared`; without that folder
these tests are skipped.
"""

from __future__ import annotations

from functools import cache

import pytest
from judge.embeds import embed_lines, expected_embeds
from judge.noise import noise_in
from judge.pictures import expected_pictures, post_pictures
from judge.real import RealBody, real_bodies, seed_body
from judge.structure import (
    KINDS,
    expected_links,
    post_links,
    post_places,
    post_words_in,
    source_places,
    source_words_in,
)
from judge.words import first_difference, post_words, reader_words
from support.cleaned import clean_html

SEED = seed_body()
BODIES = [*real_bodies(), *([SEED] if SEED else [])]
MISSING = "the real bodies are not at hand (../shared)"

pytestmark = pytest.mark.skipif(not BODIES, reason=MISSING)
every_body = pytest.mark.parametrize("body", BODIES, ids=lambda body: body.name)


@cache
def cleaned(body: RealBody) -> tuple[str, ...]:
    return tuple(clean_html(body.html))


@every_body
def test_no_noise_is_left(body: RealBody) -> None:
    assert noise_in(cleaned(body)) == []


@every_body
def test_all_words_are_there_in_their_order(body: RealBody) -> None:
    assert first_difference(reader_words(body.html), post_words(cleaned(body))) == ""


@every_body
def test_all_pictures_are_there_in_their_order(body: RealBody) -> None:
    assert post_pictures(cleaned(body)) == expected_pictures(body.html)


@every_body
def test_every_embed_has_its_link(body: RealBody) -> None:
    assert len(embed_lines(cleaned(body))) == expected_embeds(body.html)


@every_body
def test_pictures_stand_where_they_stood(body: RealBody) -> None:
    assert post_places(cleaned(body)) == source_places(body.html)


@every_body
def test_links_keep_their_address_and_their_words(body: RealBody) -> None:
    assert post_links(cleaned(body)) == expected_links(body.html)


@every_body
def test_headings_lists_quotations_and_emphasis_keep_their_words(body: RealBody) -> None:
    expected = {kind: source_words_in(kind, body.html) for kind in KINDS}
    found = {kind: post_words_in(kind, cleaned(body)) for kind in KINDS}
    assert {kind: first_difference(expected[kind], found[kind]) for kind in KINDS} == dict.fromkeys(KINDS, "")


@every_body
def test_a_clean_body_stays_as_it_is(body: RealBody) -> None:
    assert clean_html("\n".join(cleaned(body))) == list(cleaned(body))


@pytest.mark.skipif(SEED is None, reason=MISSING)
def test_the_seed_has_nine_paragraphs_and_nothing_else() -> None:
    assert [line[:3] for line in cleaned(SEED)] == ["<p>"] * 9
