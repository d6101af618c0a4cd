"""What is noise in a body: a table of rules, each with the editions where it was seen and the reason.

Editions: B Drupal 7, C Drupal, D React, H the mainland's sites. A rule holds in every edition, since
old markup lives on inside new pages; the letters say where it was seen. The facts are from
site-layouts, sections 3.4, 3.5, 4.2, 6.2, 7 and 8.

An element is dropped with all its content when it matches any selector of a rule. Selectors are
plain data, so that matching costs a few dictionary look-ups per element.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml.html import HtmlElement


@dataclass(frozen=True)
class Rule:
    """One reason to drop an element.

    :ivar name: what the counters call it (``zbcrawler/dropped/NAME``)
    :ivar editions: letters of the editions where it was seen
    :ivar picture_classes: class names that mean this on an ``img`` only
    :ivar links: pieces of the ``href`` of an ``a``
    :ivar sources: pieces of the ``src`` or ``data-src`` of an ``img`` or ``iframe``
    :ivar truncates: whether it stands in place of the rest of the text
    :ivar labels: words of the site beside it; a box that holds nothing else is dropped too
    :ivar sentences: a block with exactly these words is noise, whatever its markup; without punctuation
    """

    name: str
    editions: str
    reason: str
    tags: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    id_prefixes: tuple[str, ...] = ()
    classes: frozenset[str] = frozenset()
    picture_classes: frozenset[str] = frozenset()
    links: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    truncates: bool = False
    labels: frozenset[str] = frozenset()
    sentences: frozenset[str] = frozenset()


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


RULES: tuple[Rule, ...] = (
    Rule(
        "code",
        "BCDH",
        "runs or styles, is not read",
        tags=_names(
            "script style noscript template head link meta title base svg canvas object applet param noembed noframes"
        ),
    ),
    Rule(
        "control",
        "CDH",
        "a form or a button; its label is the site's, not the story's",
        tags=_names("form button input select textarea option dialog"),
    ),
    Rule(
        "advert",
        "CDH",
        "a slot that scripts fill with an advert",
        tags=_names("astro-island"),
        ids=_names("imu innity-in-post outbrain-wrapper"),
        id_prefixes=("dfp-ad", "div-gpt-ad", "google_ads"),
        classes=_names("dfp-tag-wrapper adv adv-tag bff-google-ad google-ad newshub-container adsbygoogle OUTBRAIN"),
        links=("obOrigUrl=true", "bing.com/api/v1/mediation"),
        sources=(
            "doubleclick.net",
            "googlesyndication.com",
            "adservice.google",
            "taboola.com",
            "outbrain.com",
            "googletagmanager.com",
        ),
    ),
    Rule(
        "promotion",
        "C",
        "the newspaper's own offers at the end; between campaigns both addresses are empty, so the"
        " offers are known by the classes of their two pictures",
        ids=_names("freemium_subscribe"),
        classes=_names("freemium_subscribe"),
        picture_classes=_names("view-desktop view-mobile"),
        links=("subscribe.sph.com.sg",),
        sources=("freemium_images", "covid_19_0.png"),
    ),
    Rule(
        "paywall",
        "C",
        "stands in place of the rest of a subscribers' story",
        ids=_names("js-overlay-microtransaction paywall-login"),
        classes=_names(
            "article-microtransaction microtransaction-body microtransaction-option article-transaction"
            " overlay-microtransaction cta-subscribe cta-subscribe-new paywall-message"
        ),
        truncates=True,
        # The words 订户专享 alone prove nothing: they are on every page.
        sentences=_names(
            "请订阅或登录以继续阅读全文 请登录或订阅以继续阅读全文 此文章为早报订户专享内容"
            " 此文章为付费文章会员请访问网站阅读 请您选择以下方式阅读全文 已是早报订户请您登录后继续阅读全文"
        ),
    ),
    Rule(
        "paywall-slot",
        "CH",
        "empty in whole stories, or lies over a text that is there",
        ids=_names("video-freemium-player"),
        classes=_names("cx_paywall_placeholder read-on-app-cover"),
    ),
    Rule(
        "related",
        "CDH",
        "links to other stories, chosen by the site",
        ids=_names("related-articles mobile-recommend-articles NextPrevious"),
        classes=_names(
            "bff-recommend-article further-reading related-articles related-topics-wrapper article-tags keywords"
        ),
    ),
    Rule(
        "keywords",
        "BH",
        "links to what else the site has on a word; they stand under the story, rarely inside",
        classes=_names("keyword-tag_item"),
        labels=_names("热词 关键词"),
    ),
    Rule(
        "neighbours",
        "D",
        "previous and next story, inside .articleBody on the rendered page",
        links=("ref=previous-article", "ref=next-article"),
        labels=_names("上一篇 下一篇"),
    ),
    Rule(
        "reprint",
        "CD",
        "the shop that sells the article",
        classes=_names("newspost-holder"),
        links=("newspost.newslink.sg", "//newslink.sg", "//www.newslink.sg"),
        sources=("/assets/newspost-",),
        labels=_names("购买此文章"),
    ),
    Rule(
        "ai-summary",
        "H",
        "written by a machine, not part of the story",
        tags=_names("zb-ai-summary"),
    ),
    Rule(
        "follow-us",
        "B",
        "asks readers to follow the newspaper elsewhere",
        sentences=_names("请like我们的官方面簿网页以获取更多新信息"),
    ),
    Rule(
        "widget",
        "CDH",
        "share bars, gallery arrows, enlarge icons",
        classes=_names("article-share-fb article-meta figure-media-gallery-nav tint bff-inline-image-expand-icon"),
        sources=("/assets/tag-icon",),
    ),
    Rule(
        "residue",
        "C",
        "a translation pop-up that was pasted into the text",
        ids=_names("gtx-trans"),
        classes=_names("gtx-trans-icon"),
    ),
)

# The headings of blocks of links to other stories (post layout, "Dropped"). 相关新闻 is not one:
# it was seen once, written by an editor.
RELATED_HEADINGS = frozenset({"延伸阅读", "推荐阅读", "相关阅读"})

BY_TAG = {tag: rule for rule in RULES for tag in rule.tags}
_BY_ID = {name: rule for rule in RULES for name in rule.ids}
_BY_CLASS = {name: rule for rule in RULES for name in rule.classes}
_BY_PICTURE_CLASS = {name: rule for rule in RULES for name in rule.picture_classes}
_BY_PREFIX = tuple((prefix, rule) for rule in RULES for prefix in rule.id_prefixes)
_BY_LINK = tuple((piece, rule) for rule in RULES for piece in rule.links)
_BY_SOURCE = tuple((piece, rule) for rule in RULES for piece in rule.sources)

BY_SENTENCE = {sentence: rule for rule in RULES for sentence in rule.sentences}
# In letters; no heading is longer than the longest sentence.
LONGEST_SENTENCE = max(map(len, BY_SENTENCE))


def rule_named(name: str) -> Rule:
    return next(rule for rule in RULES if rule.name == name)


WIDGET = rule_named("widget")
# An icon that only its alt text marks (misspelt on the site).
_ICON_ALT = "expend icon"


def rule_for(element: HtmlElement) -> Rule | None:
    """Return the rule that drops this very element, None if none does."""
    tag = element.tag
    if rule := BY_TAG.get(tag):
        return rule
    if name := element.get("id"):
        if rule := _BY_ID.get(name):
            return rule
        for prefix, rule in _BY_PREFIX:
            if name.startswith(prefix):
                return rule
    if names := element.get("class"):
        for name in names.split():
            if rule := _BY_CLASS.get(name):
                return rule
    if tag == "a":
        return _containing(_BY_LINK, element.get("href"))
    if tag in {"img", "iframe"}:
        return _rule_for_source(element)
    return None


def _rule_for_source(element: HtmlElement) -> Rule | None:
    if element.get("alt") == _ICON_ALT:
        return WIDGET
    if names := element.get("class"):
        for name in names.split():
            if rule := _BY_PICTURE_CLASS.get(name):
                return rule
    return _containing(_BY_SOURCE, element.get("src")) or _containing(_BY_SOURCE, element.get("data-src"))


def _containing(table: tuple[tuple[str, Rule], ...], value: str | None) -> Rule | None:
    if value:
        for piece, rule in table:
            if piece in value:
                return rule
    return None
