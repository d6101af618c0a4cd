"""Utility classes on everything and no name that means anything. Lead pictures are backgrounds, times dd/mm/yyyy."""

from __future__ import annotations

from zbcrawler.replica import chrome
from zbcrawler.replica.markup import attribute, page_text
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.paging import natural
from zbcrawler.replica.redesigns import parts
from zbcrawler.replica.redesigns.pieces import pictures, pieces_of, write
from zbcrawler.replica.redesigns.redesign import Redesign
from zbcrawler.replica.story import ReplicaStory

_STORE = "//dss0.zbstatic5.com/s3fs-public"  # a mirror that the site has, so posts show the store's own address
_FORMS = {
    "paragraph": '<p class="mt-4 text-lg leading-8 text-slate-800">{inner}</p>',
    "heading": '<{tag} class="mt-8 text-xl font-semibold">{inner}</{tag}>',
    "list": '<{tag} class="ml-6 mt-4 list-outside">{parts}</{tag}>',
    "part": '<li class="mt-1">{part}</li>',
    "quote": '<blockquote class="border-l-4 pl-4 mt-4">{inner}</blockquote>',
    "table": '<div class="mt-4 overflow-x-auto">{html}</div>',
    "picture": '<div class="mt-4 flex flex-col"><img class="w-full rounded" data-original="{address}" alt="{alt}"'
    ' src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">{caption}</div>',
    "lead": '<div class="relative mb-4"><div class="h-96 bg-cover bg-center"'
    " style=\"background-image: url('{address}')\"></div>{caption}</div>",
    "caption": '<span class="mt-1 text-xs text-slate-500">{words}</span>',
}
_ENTRY = (
    '<div class="flex gap-4 py-3 border-b"><a class="grow text-base font-medium hover:underline"'
    ' href="{href}">{title}</a>{when}</div>'
)


def _page(title: str, head: str, main: str, side: str) -> str:
    return chrome.document(
        f"<title>{title}</title>{head}",
        f'<div class="sticky top-0 flex">{parts.menu("<a class=px-2 href={href}>{title}</a>")}</div>'
        f'<div class="mx-auto flex max-w-6xl"><div class="w-2/3">{main}</div><div class="w-1/3">{side}</div></div>'
        '<div class="mt-16 bg-slate-100 text-xs">本页由复刻站生成</div>',
    )


def _side(newsroom: Newsroom) -> str:
    # The boxes beside the news have the very markup of the section's entries.
    return '<div class="text-lg">热门</div>' + parts.entries(newsroom, parts.hot(newsroom), _ENTRY)


def story_page(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the page of a story."""
    title = page_text(story.title)
    advert = '<div class="my-6 bg-slate-50 p-4 text-center"><p class="text-xs">广告</p>'
    advert += f"<p>{parts.advert(story, 1)}</p></div>"
    body = parts.among(write(pieces_of(story), _FORMS, _STORE), (3, advert))
    return _page(
        f"{title} | 联合早报",
        f'<meta property="og:title" content="{attribute(story.title)} | 联合早报">',
        f'<div class="text-3xl font-bold">{title}</div><div class="flex text-sm text-slate-500">'
        + parts.stamp(story, "<span>发布时间</span><span>{day_first}</span>")
        + f'</div><div class="mt-6">{pictures(story.lead, _FORMS, store=_STORE)}{"".join(body)}</div>'
        + parts.cut(story, '<div class="mt-6 p-4">{words}</div>'),
        _side(newsroom),
    )


def listing_page(newsroom: Newsroom, section: str, query: str) -> str:
    """Return a page of a section; ``page`` counts from 0, and a link asks for more."""
    number = natural(query, "page", 0)
    cards, more = parts.page(newsroom, section, number, 15)
    rows = parts.entries(newsroom, cards, _ENTRY, '<span class="text-sm text-slate-500">{day_first}</span>')
    link = f'<a class="block py-4 text-center text-sky-700" href="?page={number + 1}">查看更多</a>' if more else ""
    return _page("即时新闻", "", f'<div class="mt-4">{rows}</div>{link}', _side(newsroom))


REDESIGN = Redesign("utility", story_page, listing_page)
