"""What an unknown listing lists is learnt from its pages and known stories, and used only when it is proved."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from random import Random
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import yaml
from support.editions import read_listing
from support.unknown_listings import (
    HOT,
    NOW,
    PER_PAGE,
    SHAPES,
    SITE,
    definitions,
    hashed,
    known_of,
    loose_lines,
    mixed_words,
    rows_of,
    tables,
    two_forms,
)

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PageError
from zbcrawler.common.times import Clock
from zbcrawler.editions import Editions
from zbcrawler.editions.edition import Listing
from zbcrawler.editions.expanded import ExpandedPage
from zbcrawler.editions.learning.listings import ListingPage, learn_listing
from zbcrawler.editions.learnt import LearntEdition
from zbcrawler.editions.learnt import read_listing as read_by_declaration
from zbcrawler.editions.page import Page
from zbcrawler.items import Story
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.redesigns import REDESIGNS
from zbcrawler.replica.site import Site

ROWS = {section: rows_of(section) for section in ("china", "world")}
KNOWN = known_of(*ROWS.values())


def address_of(section: str, number: int = 1) -> str:
    return f"{SITE}/realtime/{section}" + (f"?page={number}" if number > 1 else "")


def lesson(shape, section: str, number: int = 1, rows=None) -> ListingPage:
    shown = ROWS[section] if rows is None else rows
    text = shape(section, shown[(number - 1) * PER_PAGE : number * PER_PAGE], number)
    return ListingPage(ExpandedPage(address_of(section, number), text), section, NOW)


def lessons(shape, rows=None) -> list[ListingPage]:
    return [lesson(shape, section, rows=rows) for section in ROWS]


def answer(shape, section: str, address: str) -> Page:
    """Return what a site answers that counts its pages as the shape's own links do."""
    parts = urlsplit(address)
    query = {name: int(values[0]) for name, values in parse_qs(parts.query).items()}
    in_path = re.search(r"/page/(\d+)$", parts.path)
    name = {"tables": "p", "custom_elements": "offset"}.get(shape.__name__, "page")
    number = int(in_path[1]) if in_path else query.get(name, 0)
    number = number // PER_PAGE + 1 if name == "offset" else max(number, 1)
    text = shape(section, ROWS[section][(number - 1) * PER_PAGE : number * PER_PAGE], number)
    return ExpandedPage(address, text)


def read(learnt, page: Page, now=NOW) -> Listing:
    return read_by_declaration(learnt.declaration, page, now) if learnt.declaration else Listing()


def paths_and_titles(entries) -> list[tuple[str, str]]:
    links = [(StoryAddress.parse(urljoin(SITE, entry.link)), entry) for entry in entries]
    return [(address.path, entry.title) for address, entry in links if address]


@pytest.mark.parametrize("sections", [1, 2])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_every_entry_of_an_unknown_listing_is_read_as_it_is_shown(shape, sections):
    pages = lessons(shape)[:sections]
    learnt = learn_listing(pages, KNOWN)
    for page in pages:
        entries = [one for one in read(learnt, page.page).entries if "/story" in one.link]
        shown = ROWS[page.section][:PER_PAGE]
        assert paths_and_titles(entries) == [(row.path, row.title) for row in shown], learnt.says
        # Days and hours alone are rounded. A time outside the boxes, or among other words, is not learnt.
        timed = [(entry, row) for entry, row in zip(entries, shown, strict=True) if entry.time]
        assert len(timed) == (0 if shape in (definitions, loose_lines, mixed_words) else PER_PAGE)
        assert all(abs(entry.time - row.time) <= timedelta(days=1) for entry, row in timed)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_the_next_page_is_found_by_asking_for_it_and_leads_to_the_last(shape):
    learnt = learn_listing(lessons(shape), KNOWN)
    tried = []
    assert any(tried.append(one) or learnt.goes_on(one, answer(shape, "china", one)) for one in learnt.next_pages())
    assert len(tried) <= 6
    page, seen = lesson(shape, "china").page, []
    for _ in range(5):
        listing = read(learnt, page)
        seen += paths_and_titles(listing.entries)
        if listing.next is None or not listing.entries:
            break
        page = answer(shape, "china", listing.next)
    assert seen == [(row.path, row.title) for row in ROWS["china"]]


def test_a_learnt_listing_is_read_from_its_file_as_any_other():
    learnt = learn_listing(lessons(hashed), KNOWN)
    declared = yaml.safe_load(yaml.safe_dump({"name": "learnt-1", "listing": learnt.declaration}))
    edition, page = LearntEdition(declared), Page(address_of("china"), lesson(hashed, "china").page.text)
    assert edition.replaces(page, None)
    assert len(edition.listing(page, NOW).entries) == PER_PAGE


@pytest.mark.parametrize("edition", ["drupal7", "drupal", "react", "mainland", "astro"])
def test_learnt_reading_is_as_good_as_the_code_of_the_known_editions(edition):
    site, known = replica()
    site.edition = edition
    pages = [replica_page(site, f"/realtime/{section}") for section in ("china", "world")]
    learnt = learn_listing(pages, known)
    for page in pages:
        by_code = read_listing(Page(page.page.address, page.page.text), page.fetched).entries
        stories = [one for one in by_code if StoryAddress.parse(urljoin(SITE, one.link))]
        learnt_times = {(one.link, one.title): one.time for one in read(learnt, page.page, page.fetched).entries}
        # A time on another day than the address's is not believed.
        moved = [one for one in stories if learnt_times[one.link, one.title] != one.time]
        assert len(moved) <= 1, learnt.says


@pytest.mark.parametrize("redesign", [name for name, one in REDESIGNS.items() if one.listing])
def test_listing_of_a_redesigned_replica_is_learnt(redesign):
    site, known = replica()
    site.redesigned = redesign
    pages = [replica_page(site, f"/realtime/{section}") for section in ("china", "world")]
    stories = [replica_page(site, story.path).page for story in site.newsroom.listed("china")[3:6]]
    learnt = learn_listing(pages, known, story_pages=stories)
    next((one for one in learnt.next_pages() if learnt.goes_on(one, replica_page(site, one).page)), None)
    page, found = pages[0], {}
    for _ in range(20):
        listing = read(learnt, page.page, page.fetched)
        found |= {
            story.number: one for one in listing.entries if (story := StoryAddress.parse(urljoin(SITE, one.link)))
        }
        if listing.next is None or not listing.entries:
            break
        page = replica_page(site, listing.next)
    cards = {story.number: card for card in site.newsroom.cards("china") if (story := StoryAddress.parse(card.href))}
    assert len(found) >= 20
    assert found.keys() <= cards.keys()
    assert not any(
        entry.time and abs(entry.time - cards[number].published) > timedelta(days=1, hours=1)
        for number, entry in found.items()
    )


def walk(site, first: ListingPage, editions: Editions):
    """Read a listing as a run does, up to its end."""
    page, listing, found = first, None, []
    while page and len(found) < 1000:
        listing = editions.read_listing(Page(page.page.address, page.page.text), page.fetched, listing)
        found += listing.entries
        page = replica_page(site, listing.next) if listing.next else None
    return found


@pytest.mark.parametrize("redesign", ["hashed", "blocks", "shuffled", "data-only", "amp"])
def test_an_empty_page_ends_a_learnt_listing_but_another_page_does_not(redesign):
    site, known = replica()
    site.redesigned = redesign
    pages = [replica_page(site, f"/realtime/{section}") for section in ("china", "world")]
    learnt = learn_listing(pages, known)
    assert any(learnt.goes_on(one, replica_page(site, one).page) for one in learnt.next_pages())
    editions = Editions((LearntEdition({"name": "learnt-1", "listing": learnt.declaration}),))
    found = {one.link for one in walk(site, pages[0], editions)}
    assert found == {card.href for card in site.newsroom.cards("china") if StoryAddress.parse(card.href)}

    first = editions.read_listing(Page(pages[0].page.address, pages[0].page.text), NOW)
    texts = ["<html><body><form>请输入验证码</form></body></html>", "<html><body></body></html>"]
    for other in {"tables", "noisy", "new-listing"} - {redesign}:
        site.redesigned = other
        texts.append(replica_page(site, "/realtime/china?page=2&p=16").page.text)
    # The site's own page in a new form of the list: the frame is known, the entries are not.
    second = site_text(redesign, site, first.next)
    texts.append(
        second.replace("Card_root__", "Tile_").replace('"rows"', '"lines"').replace('class="cell', 'class="tile')
    )
    for text in texts if redesign in ("hashed", "blocks", "shuffled") else texts[:-1]:
        with pytest.raises(PageError):
            editions.read_listing(Page(first.next, text), NOW, first)


def site_text(redesign, site, address):
    site.redesigned = redesign
    return replica_page(site, address).page.text


def replica():
    """Return a replica, and what an archive with half of its stories knows."""
    newsroom = Newsroom(7, Clock.parse("2026-11-26T12:00:00+08:00"), stories=300)

    def known(address: StoryAddress) -> Story | None:
        story = newsroom.find_number(address.number)
        return Story(address, story.expected_title, story.expected_time) if story and story.number_value % 2 else None

    return Site(newsroom, "react"), known


def replica_page(site: Site, target: str) -> ListingPage:
    parts = urlsplit(target)
    text = site.answer(parts.path + (f"?{parts.query}" if parts.query else "")).body.decode()
    page = ExpandedPage(urljoin(SITE, target), text)
    return ListingPage(page, parts.path.rpartition("/")[2], site.newsroom.clock.now())


def test_sections_may_list_in_forms_of_their_own():
    pages = lessons(two_forms)
    learnt = learn_listing(pages, KNOWN)
    assert [len(read(learnt, page.page).entries) for page in pages] == [PER_PAGE, PER_PAGE]


def test_without_known_stories_nothing_is_proved_until_some_are_read():
    pages = lessons(hashed)
    first = learn_listing(pages, lambda address: None)
    assert first.declaration is None
    read = {address.number for address in first.unread[:PER_PAGE:2] + first.unread[PER_PAGE::2]}
    every = known_of(*ROWS.values(), every=1)
    again = learn_listing(pages, lambda address: every(address) if address.number in read else None)
    assert again.declaration


def test_a_few_known_stories_prove_nothing():
    few = {row.path for row in ROWS["china"][:4]}
    every = known_of(*ROWS.values(), every=1)
    learnt = learn_listing(lessons(hashed), lambda address: every(address) if address.path in few else None)
    assert learnt.declaration is None
    assert "not proved" in learnt.says


def test_a_story_with_a_new_title_does_not_hinder():
    def known(address):
        story = KNOWN(address)
        return (
            story and replace(story, title=story.title[2:] + "三则") if address.path == ROWS["china"][4].path else story
        )

    assert learn_listing(lessons(hashed), known).declaration


@pytest.mark.parametrize(
    "wrong", ["再读：{}", "{}的全文", "联合早报", "{1}"], ids=["before", "behind", "same", "other"]
)
def test_titles_with_a_system_of_errors_are_not_used(wrong):
    rows = {
        section: [
            replace(row, title=wrong.format(row.title, other.title))
            for row, other in zip(shown, shown[1:] + shown[:1], strict=True)
        ]
        for section, shown in ROWS.items()
    }
    pages = [lesson(tables, section, rows=rows[section]) for section in ROWS]
    assert learn_listing(pages, KNOWN).declaration is None


def test_listing_of_another_section_is_not_learnt():
    pages = [lesson(hashed, "china", rows=rows_of("finance")), lesson(hashed, "world", rows=rows_of("singapore"))]
    assert learn_listing(pages, known_of(rows_of("finance"), rows_of("singapore"))).declaration is None
    assert learn_listing(pages[:1], known_of(rows_of("finance"))).declaration is None


def test_front_page_for_every_address_is_not_learnt():
    mixed = sorted(
        ROWS["china"][:10] + ROWS["world"][:10] + rows_of("finance")[:10], key=lambda row: row.time, reverse=True
    )
    pages = lessons(hashed, rows=mixed)
    known = known_of(*ROWS.values(), rows_of("finance"))
    assert learn_listing(pages, known).declaration is None
    assert learn_listing(pages[:1], known).declaration is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "<html><body><form>请输入验证码<input name=captcha></form></body></html>",
        '<html><body><a href="/realtime">即时</a>'
        + '<a href="https://elsewhere.example/story20261126-1">别家</a>' * 50,
        "<html><body>" + "".join(f'<a href="{row.path}">{row.title}</a>' for row in HOT),
    ],
    ids=["nothing", "empty data", "captcha", "other links", "hot list"],
)
def test_pages_without_a_listing_teach_nothing(text):
    pages = [ListingPage(ExpandedPage(address_of(section), text), section, NOW) for section in ROWS]
    learnt = learn_listing(pages, known_of(HOT, every=1))
    assert learnt.declaration is None
    assert learnt.next_pages() == []
    assert "\n" not in learnt.says


def test_pages_that_change_with_each_request_are_not_learnt():
    def changing(section, rows, number):
        rng = Random(section)
        return "<html><body>" + "".join(
            f'<{(tag := rng.choice(["div", "p", "li", "td", "span"]) + section[:2])}><a href="{row.path}">{row.title[: rng.randrange(1, 5)]}</a>{row.title}</{tag}>'
            for row in rows
        )

    assert learn_listing(lessons(changing), KNOWN).declaration is None


@pytest.mark.parametrize("mark", ["<b>", "<div class=a>", "<i></i>", '<a href="/news/china/story20261126-{}">题</a>'])
def test_the_searches_of_the_largest_page_are_few(mark):
    searched = []

    class CountingPage(ExpandedPage):
        def all(self, css):
            searched.append(css)
            return super().all(css)

    inner = "".join(mark.replace("{}", str(place)) for place in range(24_000))
    rows = "".join(f'<li><a href="{row.path}">{row.title}</a></li>' for row in ROWS["china"][:PER_PAGE])
    pages = [ListingPage(CountingPage(address_of("china"), f"<html><body><ul>{rows}</ul>{inner}"), "china", NOW)]
    learn_listing(pages, KNOWN)
    assert len(set(searched)) <= 250


def test_landmarks_stand_on_no_story_page():
    pages = lessons(hashed)
    story = ExpandedPage(f"{SITE}{ROWS['china'][0].path}", pages[0].page.text.replace("css-list0", "css-text0"))
    learnt = learn_listing(pages, KNOWN, story_pages=[story])
    assert learnt.declaration is None or not all(story.all(css) for css in learnt.declaration["landmarks"])


def test_names_that_no_selector_can_hold_do_no_harm():
    odd = """<o:p class='a"b ]x[ {} \\ : é' id='"]' data-"x="1" data-role='" "'>"""
    rows = "".join(
        f"<li class='c\"d [e' data-kind='a \"b'>{odd}<a href='{row.path}'>{row.title}</a></o:p></li>"
        for row in ROWS["china"][:PER_PAGE]
    )
    page = ExpandedPage(address_of("china"), f"<html><body>{odd}<ul class='\"\"'>{rows}</ul>")
    learnt = learn_listing([ListingPage(page, "china", NOW)], KNOWN, story_pages=[ExpandedPage(SITE, rows)])
    assert len(read(learnt, page).entries) in (0, PER_PAGE)
    learnt.next_pages()
