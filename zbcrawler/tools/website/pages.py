"""The pages of the website that show more than one story, and the feeds."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import groupby, islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from zbcrawler.archive.archive import Archive
from zbcrawler.common.times import EPOCH
from zbcrawler.tools.report.coverage import describe_coverage
from zbcrawler.tools.website.catalogue import Catalogue, ListedStory
from zbcrawler.tools.website.edits import EditedStory, Edits
from zbcrawler.tools.website.rendering import Look, body_of, fill, read_post, write
from zbcrawler.tools.website.sections import label_of, rank_of, slug_of

_SECONDS = 4  # stories with a picture below the lead
_NEWEST = 14  # stories in the front page's list of the newest
_LEADS = 30  # the newest story with a picture among so many leads the front page
_IN_COLUMN = 7
_IN_SECTION = 45
_OF_DAY = 4  # stories of each day on the page of a month
_EDITS_IN_FRONT = 8
_EDITS = 60
_LISTED_EDITS = 100  # withdrawn and shortened stories on the page of edits
_IN_FEED = 40
_IN_SITEMAP = 40_000  # addresses; the format allows 50,000


class Pages:
    """Write the pages of one website, with what the catalogue and the edits hold."""

    def __init__(self, catalogue: Catalogue, edits: Edits, root: Path, out: Path, look: Look) -> None:
        self.catalogue, self.edits = catalogue, edits
        self.root, self.out, self.look = root, out, look
        self.counts = catalogue.sections()
        self.sections = sorted(self.counts, key=rank_of)

    def _write(self, path: str, template: str, **values: Any) -> None:
        write(self.out / path, fill(self.look, template, path, **values))

    def write_overviews(self) -> None:
        """Write the pages that show something of all stories."""
        self._write_front()
        self._write_lists()
        self._write_edits()
        self._write_feeds()
        self._write_sitemaps()

    def _write_front(self) -> None:
        values: dict[str, Any] = {"lead": None}
        if stories := list(self.catalogue.stories(most=_LEADS)):
            lead, seconds, newest = _led(stories, _SECONDS)
            shown = {story.page for story in (lead, *seconds)}
            most = _IN_COLUMN + len(shown)
            columns = {name: list(self.catalogue.stories("section = ?", [name], most)) for name in self.sections}
            columns = {name: [one for one in those if one.page not in shown] for name, those in columns.items()}
            day = stories[0].time.date()
            month = f"{day:%Y-%m}"
            counts = self.catalogue.days(month=month)
            values = {
                "lead": lead, "seconds": seconds, "newest": newest[:_NEWEST],
                "columns": {name: those[:_IN_COLUMN] for name, those in columns.items() if those},
                "sections": self.sections, "day": day,
                "month": month, "counts": counts, "today": counts[day.isoformat()],
                "total": sum(self.counts.values()), "edits": self.edits.newest(_EDITS_IN_FRONT),
            }  # fmt: skip
        self._write("index.html", "index.html", **values)
        self._write("404.html", "404.html", root=urlsplit(self.look.url).path or "/")
        self._write("search.html", "search.html", sections=[(name, label_of(name)) for name in self.sections])

    def write_report(self, now: datetime) -> None:
        """Write the report of what the archive covers, as of ``now`` (aware)."""
        notes = Archive(self.root).notes
        owed, absent = notes.owed.reasons(), notes.absent.reasons()
        values = describe_coverage(self.catalogue.counts(), self.edits.counts(), owed, absent, now)
        self._write("report.html", "report.html", **values)

    def _write_lists(self) -> None:
        newest = {name: list(self.catalogue.stories("section = ?", [name], 3)) for name in self.sections}
        sections = {name: self.counts[name] for name in self.sections}
        self._write("sections.html", "sections.html", sections=sections, newest=newest)
        self._write("months.html", "months.html", counts=_by_month(self.catalogue.days()))

    def write_day(self, day: str) -> None:
        stories = list(self.catalogue.stories("day = ?", [day]))
        path = f"days/{day}.html"
        if not stories:
            (self.out / path).unlink(missing_ok=True)
            return
        before, after = self.catalogue.days_beside(day)
        stories.sort(key=lambda story: rank_of(story.section))
        sections = {name: list(those) for name, those in groupby(stories, lambda story: story.section)}
        values = {"day": date.fromisoformat(day), "count": len(stories), "before": before, "after": after}
        self._write(path, "day.html", sections=sections, **values)

    def write_month(self, month: str, section: str = "") -> None:
        counts = self.catalogue.days(section, month)
        path = f"sections/{slug_of(section)}/{month}.html" if section else f"months/{month}.html"
        if not counts:
            (self.out / path).unlink(missing_ok=True)
            return
        name = f"{int(month[:4])}年{int(month[5:])}月"
        # The plus keeps SQLite from reading the whole section by time, the order of the page.
        where, more = ("day = ? and +section = ?", [section]) if section else ("day = ?", [])
        days = {day: list(self.catalogue.stories(where, [day, *more], _OF_DAY)) for day in reversed(counts)}
        before, after = (day and day[:7] for day in self.catalogue.days_beside(month, section))
        values = {"month": month, "section": section, "counts": counts, "days": days, "before": before, "after": after}
        self._write(path, "month.html", name=f"{label_of(section)} {name}" if section else name, **values)

    def write_section(self, section: str) -> None:
        slug = slug_of(section)
        stories = list(self.catalogue.stories("section = ?", [section], _IN_SECTION))
        if not stories:
            for name in (f"{slug}.html", f"{slug}.xml"):
                (self.out / "sections" / name).unlink(missing_ok=True)
            return
        lead, seconds, newest = _led(stories, _SECONDS)
        self._write(
            f"sections/{slug}.html", "section.html", name=label_of(section), slug=slug, lead=lead, seconds=seconds,
            newest=newest, total=self.counts[section], counts=_by_month(self.catalogue.days(section)),
        )  # fmt: skip
        name, page = label_of(section), f"sections/{slug}.html"
        self._write_feed(f"sections/{slug}.xml", page, name, f":{slug}", self._entries(stories[:_IN_FEED]))

    def _write_feeds(self) -> None:
        self._write_feed("feed.xml", "index.html", "", "", self._entries(self.catalogue.stories(most=_IN_FEED)))
        self._write_feed("edits.xml", "edits.html", "改动", ":edits", map(self._edit_entry, self.edits.read(_IN_FEED)))

    def _write_edits(self) -> None:
        lists = {kind: self.edits.newest(_LISTED_EDITS, kind) for kind in ("withdrawn", "shortened")}
        edits, known = list(self.edits.read(_EDITS)), self.edits.are_known
        self._write("edits.html", "edits.html", edits=edits, known=known, **lists)

    def write_versions(self, path: str) -> None:
        """Write the page of a story's versions, or remove the page if the story has none."""
        story = next(self.catalogue.stories("path = ?", [path]), None)
        if story is None:
            return  # its page is among those that are gone
        page, edits = f"edits/{story.page}.html", list(self.edits.of(path))
        if edits:
            self._write(page, "versions.html", story=story, edits=edits)
        else:
            (self.out / page).unlink(missing_ok=True)

    def _write_sitemaps(self) -> None:
        """Write the sitemaps, which need the website's address."""
        if not self.look.url:
            return
        names: list[str] = []
        pages = (f"story/{page}.html" for (page,) in self.catalogue.db.execute("select page from stories"))
        while those := list(islice(pages, _IN_SITEMAP)):
            names.append(f"sitemaps/{len(names) + 1}.xml")
            self._write(names[-1], "sitemap.xml", names=those, is_index=False)
        self._write("sitemap.xml", "sitemap.xml", names=names, is_index=True)

    def _entries(self, stories: Iterable[ListedStory]) -> Iterator[dict[str, Any]]:
        for listed in stories:
            if story := read_post(self.root, listed.path):
                yield {
                    "tag": f"story-{listed.page}", "title": listed.title, "link": f"story/{listed.page}.html",
                    "section": listed.section, "published": listed.time,
                    "updated": self.catalogue.edits_of(listed.path)[1] or listed.time,
                    "content": str(body_of(story, self.look.url)),
                }  # fmt: skip

    def _edit_entry(self, edit: EditedStory) -> dict[str, Any]:
        return {
            "tag": f"edit-{edit.page}-{edit.time:%Y%m%d%H%M%S}", "title": f"{edit.title}（{edit.label}）",
            "link": f"edits/{edit.page}.html", "section": "", "published": None, "updated": edit.time,
            "content": fill(self.look, "edit-in-feed.html", "edits.xml", edit=edit),
        }  # fmt: skip

    def _write_feed(self, path: str, page: str, name: str, tag: str, entries: Iterable[dict[str, Any]]) -> None:
        listed = list(entries)
        updated = max((entry["updated"] for entry in listed), default=EPOCH)
        top = self.look.url or "../" * path.count("/")
        self._write(path, "feed.xml", page=page, name=name, tag=tag, entries=listed, updated=updated, top=top)


def _led(stories: list[ListedStory], most: int) -> tuple[ListedStory, list[ListedStory], list[ListedStory]]:
    """Return the story that leads a page, a few that follow, all with pictures if there are any, and the others."""
    lead, *seconds = sorted(stories, key=lambda story: not story.picture)[: 1 + most]
    seconds = [story for story in seconds if story.picture]
    return lead, seconds, [story for story in stories if story is not lead and story not in seconds]


def _by_month(days: Mapping[str, int]) -> dict[str, int]:
    months: Counter[str] = Counter()
    for day, count in days.items():
        months[day[:7]] += count
    return dict(months)
