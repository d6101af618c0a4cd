"""What is noise in a body: a table of rules, each with the editions where it was seen and the reason.

Editions: B Drupal 7, C Drupal, D React, H the mainland's sites. A rule holds in every edition, since old markup lives
on inside new pages; the letters say where it was seen. The facts are from site-layouts, sections 3.4, 3.5, 4.2, 6.2,
7 and 8. An element that matches any selector of a rule is dropped with all its content.
"""

import re
from dataclasses import dataclass
from functools import cache

from lxml.html import HtmlElement


@dataclass(frozen=True)
class Rule:
    """One reason to drop an element; the text fields after ``reason`` hold words separated by blanks."""

    name: str  # what the counters call it (``zbcrawler/dropped/NAME``)
    reason: str  # behind the letters of the editions where it was seen
    tags: str = ""
    ids: str = ""
    id_prefixes: str = ""
    classes: str = ""
    picture_classes: str = ""  # class names that count only on an ``img``
    links: str = ""  # pieces of the ``href`` of an ``a``
    sources: str = ""  # pieces of the ``src`` or ``data-src`` of an ``img`` or ``iframe``
    truncates: bool = False  # whether the element replaces the rest of the text
    labels: str = ""  # the site's words beside the element; a box that holds nothing else is dropped too
    sentences: str = ""  # a block with exactly these letters is noise, whatever its markup
    forms: str = ""  # the same as patterns of all letters of a block
    # Patterns of further blocks, which are noise only in a body that holds other noise of the rule.
    companions: str = ""

    def of_companion(self, words: str) -> "Rule | None":
        """Return this rule if it drops a block with these letters beside its other noise."""
        return self if words and _pattern(self.companions).fullmatch(words) else None


RULES: tuple[Rule, ...] = (
    Rule(
        "code",
        "BCDH: code, styles and other elements that show no text",
        tags="script style noscript template head link meta title base svg canvas object applet param noembed noframes",
    ),
    Rule(
        "control",
        "CDH: a form or a button; its label is the site's, not the story's",
        tags="form button input select textarea option dialog",
    ),
    Rule(
        "advert",
        "CDH: a slot that scripts fill with an advert",
        tags="astro-island",
        ids="imu innity-in-post outbrain-wrapper",
        id_prefixes="dfp-ad div-gpt-ad google_ads",
        classes="dfp-tag-wrapper adv adv-tag bff-google-ad google-ad newshub-container adsbygoogle OUTBRAIN",
        links="obOrigUrl=true bing.com/api/v1/mediation",
        sources="doubleclick.net googlesyndication.com adservice.google taboola.com outbrain.com googletagmanager.com",
    ),
    Rule(
        "promotion",
        "C: the newspaper's own offers at the end; between campaigns both addresses are empty, so the"
        " offers are known by the classes of their two pictures",
        ids="freemium_subscribe",
        classes="freemium_subscribe",
        picture_classes="view-desktop view-mobile",
        links="subscribe.sph.com.sg",
        sources="freemium_images covid_19_0.png",
    ),
    Rule(
        "paywall",
        "C: replaces the rest of a subscribers' story",
        ids="js-overlay-microtransaction paywall-login",
        classes="article-microtransaction microtransaction-body microtransaction-option article-transaction"
        " overlay-microtransaction cta-subscribe cta-subscribe-new paywall-message",
        truncates=True,
        # The words 订户专享 alone prove nothing: they are on every page.
        sentences="请订阅或登录以继续阅读全文 请登录或订阅以继续阅读全文 此文章为早报订户专享内容"
        " 此文章为付费文章会员请访问网站阅读 请您选择以下方式阅读全文 已是早报订户请您登录后继续阅读全文",
        forms="[此本]文章?为(?:早报)?订户专享(?:内容|文章)?请(?:登录|订阅).{2,12}",
    ),
    Rule(
        "paywall-slot",
        "CH: empty in whole stories, or covers a text that the page holds",
        ids="video-freemium-player",
        classes="cx_paywall_placeholder read-on-app-cover",
    ),
    Rule(
        "related",
        "CDH: links to other stories, chosen by the site",
        ids="related-articles mobile-recommend-articles NextPrevious",
        classes="bff-recommend-article further-reading related-articles related-topics-wrapper article-tags keywords",
    ),
    Rule(
        "keywords",
        "BH: links to all stories of a keyword; usually under the story, rarely inside",
        classes="keyword-tag_item",
        labels="热词 关键词",
    ),
    Rule(
        "neighbours",
        "D: previous and next story, inside .articleBody on the rendered page",
        links="ref=previous-article ref=next-article",
        labels="上一篇 下一篇",
    ),
    Rule(
        "reprint",
        "CD: the shop that sells the article",
        classes="newspost-holder",
        links="newspost.newslink.sg //newslink.sg //www.newslink.sg",
        sources="/assets/newspost-",
        labels="购买此文章",
    ),
    Rule("ai-summary", "H: written by a machine, not part of the story", tags="zb-ai-summary"),
    Rule(
        "follow-us",
        "B: asks readers to follow the newspaper elsewhere",
        sentences="请like我们的官方面簿网页以获取更多新信息",
    ),
    Rule(
        "preferred-source",
        "D: asks readers to prefer the newspaper in a search engine's news",
        links="google.com/preferences/source",
        sentences="设为谷歌新闻首选来源",
    ),
    Rule(
        "gift",
        "D: tells subscribers that they may give stories away; the marker of a cut story is read before the cleaning",
        sentences="订户专享赠阅文章 早报VIP会员登录后即可使用此功能",
        forms=r"早报新添赠阅文章功能.* 凡?早报VIP会员每月可赠[阅送]\d+篇订户专享文章",
        companions="了解更多 知道了",
    ),
    Rule(
        "shop",
        "D: the publisher's offers of goods; their names and prices stand between the heading and these words",
        sentences="立即购买",
        forms="所有商品均由新报业媒体购物团队严选.*",
        companions="推荐购买",
    ),
    Rule(
        "player-words",
        "D: what a video player shows instead of a video that it cannot play, left behind as paragraphs",
        classes="vjs-modal-dialog vjs-text-track-settings vjs-control-bar vjs-loading-spinner",
        sentences="Thisisamodalwindow",
        forms="(错误代码|ErrorCode)?VIDEOCLOUDERR[A-Z0-9]*",
        companions="((会话|Session)ID[A-Za-z0-9]+)?((播放器元素|PlayerElement)ID[A-Za-z0-9]+)?"
        " 打开对话窗口Escape键将取消并关闭对话窗口 结束对话窗口 播放视频"
        " 播放API请求失败.{0,20} 技术细节 确定 关闭弹窗 错误代码 OK PlayVideo CloseModalDialog TechnicalDetails?"
        " BeginningofdialogwindowEscapewillcancelandclosethewindow Endofdialogwindow"
        " The(media|video)(couldnotbeloaded|cannotbeplayed).* TheVideoCloudvideowasnotfound VideoPlayerisloading",
    ),
    Rule(
        "widget",
        "CDH: share bars, gallery arrows, enlarge icons",
        classes="article-share-fb article-meta figure-media-gallery-nav tint bff-inline-image-expand-icon",
        sources="/assets/tag-icon",
    ),
    Rule("residue", "C: a translation pop-up that was pasted into the text", ids="gtx-trans", classes="gtx-trans-icon"),
)

# The headings of blocks of links to other stories. 相关新闻 is none: it was seen once, written by an editor.
RELATED_HEADINGS = frozenset({"延伸阅读", "推荐阅读", "相关阅读"})


def _rules_by(field: str) -> dict[str, Rule]:
    return {word: rule for rule in RULES for word in getattr(rule, field).split()}


BY_NAME, BY_TAG, BY_SENTENCE = _rules_by("name"), _rules_by("tags"), _rules_by("sentences")
_FORMS = [rule for rule in RULES if rule.forms]
_BY_ID, _BY_PREFIX = _rules_by("ids"), _rules_by("id_prefixes")
_BY_CLASS, _BY_PICTURE_CLASS = _rules_by("classes"), _rules_by("picture_classes")
_BY_LINK, _BY_SOURCE = _rules_by("links"), _rules_by("sources")

ICON_ALT = "expend icon"  # the only mark of an icon (misspelt on the site)
LONGEST_SENTENCE = 160  # in letters; no heading and no sentence of the site is longer


@cache
def _pattern(forms: str) -> re.Pattern[str]:
    return re.compile("|".join(forms.split()))


def rule_of_words(words: str) -> Rule | None:
    """Return the rule that drops a block with exactly these letters, if any."""
    found = BY_SENTENCE.get(words)
    return found or next((rule for rule in _FORMS if words and _pattern(rule.forms).fullmatch(words)), None)


def rule_for(element: HtmlElement) -> Rule | None:
    """Return the rule that drops this element itself, if any."""
    tag = element.tag
    if rule := BY_TAG.get(tag):
        return rule
    if name := element.get("id"):
        if rule := _BY_ID.get(name):
            return rule
        for prefix, rule in _BY_PREFIX.items():
            if name.startswith(prefix):
                return rule
    names = classes.split() if (classes := element.get("class")) else ()
    if rule := next(filter(None, map(_BY_CLASS.get, names)), None):
        return rule
    if tag == "a":
        return _containing(_BY_LINK, element.get("href"))
    if tag not in {"img", "iframe"}:
        return None
    if element.get("alt") == ICON_ALT:
        return BY_NAME["widget"]
    if rule := next(filter(None, map(_BY_PICTURE_CLASS.get, names)), None):
        return rule
    return _containing(_BY_SOURCE, element.get("src")) or _containing(_BY_SOURCE, element.get("data-src"))


def _containing(table: dict[str, Rule], value: str | None) -> Rule | None:
    return next((rule for piece, rule in table.items() if piece in value), None) if value else None
