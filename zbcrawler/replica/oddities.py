"""Bodies of the odd stories, one small function for each."""

from __future__ import annotations

import random
from collections.abc import Callable

from zbcrawler.replica import embeds, text
from zbcrawler.replica.composer import inline_picture, lead_picture, paragraphs, story_link
from zbcrawler.replica.content import (
    Block,
    Broken,
    Content,
    Figure,
    FurtherReading,
    Items,
    Quote,
    Raw,
    Standfirst,
    Table,
    Text,
    inner_link,
)
from zbcrawler.replica.markup import PUBLIC_SITE, attribute, page_text, post_text
from zbcrawler.replica.paywall import Paywall
from zbcrawler.replica.pictures import STORE, Lazy, Picture

Maker = Callable[[random.Random], Content]

_RESIDUE = (
    Raw("<p></p>"),
    Raw("<p>&nbsp;</p>"),
    Raw("<p>　\u200b</p>"),
    Raw(
        '<p class="rteindent1"><span style="color:#696969;"><span class="gmail_default">嵌套的字</span>'
        "</span>还在。</p>",
        ("<p>嵌套的字还在。</p>",),
    ),
    Raw(
        '<div id="gtx-trans" style="position: absolute; left: 962px; top: 155.479px;">'
        '<div class="gtx-trans-icon">&nbsp;</div></div>'
    ),
    Raw('<div class="settings-tray-editable"><p>可编辑区里的一段。</p></div>', ("<p>可编辑区里的一段。</p>",)),
    Raw("<p>第一行<br>第二行<br></p>", ("<p>第一行<br>第二行</p>",)),
    Raw("<p><b>粗</b>和<i>斜</i>各一字。</p>", ("<p><strong>粗</strong>和<em>斜</em>各一字。</p>",)),
    Raw("<!-- 编辑备注 --><h5>小节</h5>", ("<h4>小节</h4>",)),
    Raw("<p>设为谷歌新闻首选来源</p>"),
    Raw(
        '<h3>推荐购买</h3><div><a href="https://shop.example/1">折叠伞</a><span>$19.90</span></div>'
        "<p>立即购买</p><p>所有商品均由新报业媒体购物团队严选，价格以网站为准。</p>"
    ),
)
_PLAYER_WORDS = Raw(
    "".join(
        f"<p>{words}</p>"
        for words in (
            "This is a modal window.",
            "打开对话窗口。Escape键将取消并关闭对话窗口。",
            "播放 API 请求失败，原因未知",
            "错误代码: VIDEO_CLOUD_ERR_UNKNOWN",
            "技术细节:",
            "会话 ID： 2026-01-30:0123456789abcdef",
            "播放器元素 ID： vjs_video_3",
            "确定",
            "关闭弹窗",
            "结束对话窗口",
        )
    )
)


def paragraphs_of(count: int) -> Maker:
    """Return a maker of bodies that only hold ``count`` paragraphs."""
    return lambda rng: Content(tuple(paragraphs(rng, count)))


def among(*odd: Block, count: int = 5) -> Maker:
    """Return a maker of bodies with the odd blocks after the second of ``count`` paragraphs."""

    def make(rng: random.Random) -> Content:
        plain = paragraphs(rng, count)
        return Content((*plain[:2], *odd, *plain[2:]))

    return make


def _below_standfirst(*odd: Block) -> Maker:
    def make(rng: random.Random) -> Content:
        first, *others = among(*odd)(rng).blocks
        return Content((Standfirst(first.text) if isinstance(first, Text) else first, *others))

    return make


def everyday(rng: random.Random) -> Content:
    """Return one block of every common kind without a picture."""
    return among(
        Text(text.subheading(rng), "h3"),
        Quote(["一句引语。"]),
        Items(["其一", "其二"]),
        Text("又一节", "strong"),
    )(rng)


def silent_lead(rng: random.Random) -> Content:
    """Return a lead picture without a caption."""
    picture = Picture(f"{STORE}/styles/article_large_full/public/2021-05/quiet.jpg?itok=abc")
    return Content(tuple(paragraphs(rng, 4)), (picture,))


def lazy_pictures(rng: random.Random) -> Content:
    """Return pictures whose address is not in ``src``."""
    ways: tuple[Lazy, ...] = ("missing", "placeholder", "undefined")
    pictures = [
        Picture(f"{STORE}/styles/inline_large/public/2022-0{number}/harbour.jpg?V.1_x&itok=t", "图说。", lazy=lazy)
        for number, lazy in enumerate(ways, 1)
    ]
    return among(*(Figure(one) for one in pictures))(rng)


def _awkward(rng: random.Random) -> Content:
    return Content(tuple(Text(one) for one in text.awkward_paragraphs(rng)))


def _root_relative(rng: random.Random) -> Content:
    path = "/styles/article_large_full/public/2021-04/001_7.jpg?itok=uu1tOOX-"
    return Content(tuple(paragraphs(rng, 5)), (Picture(STORE + path, text.caption(rng), "/s3/files" + path),))


def _cassette(rng: random.Random) -> Content:
    """Return pictures on a host of the React edition, the lead's with a query. The mainland has a store of its own."""
    names = [rng.randbytes(32).hex() for _ in range(2)]
    lead, inline = (
        Picture(
            f"https://cassette.sphdigital.com.sg/image/zaobao/{name}{query}",
            text.caption(rng),
            mainland=f"{STORE}/articles/2026/01/30/{name}.jpg",
        )
        for name, query in zip(names, ("?o=zbimg&oloc=se", ""), strict=True)
    )
    plain = paragraphs(rng, 5)
    return Content((*plain[:2], Figure(inline), *plain[2:]), (lead,))


def _drupal7_address(rng: random.Random) -> Content:
    """Return a lead picture in the store used until 2020. Careless decoding spoils its query (site-layouts 2)."""
    path = "/sites/default/files/styles/article_medium_crop/public/images/201710/20171005/dock_1.jpg"
    address = f"{PUBLIC_SITE}{path}?itok=Zk3-_xQe&timestamp=1507203480"
    return Content(tuple(paragraphs(rng, 5)), (Picture(address, text.caption(rng)),))


def _gallery(rng: random.Random) -> Content:
    return Content(tuple(paragraphs(rng, 4)), (lead_picture(rng), lead_picture(rng)))


def _row_of_figures(rng: random.Random) -> Content:
    return among(*(Figure(inline_picture(rng, with_caption=False)) for _ in range(3)))(rng)


def _picture_twice(rng: random.Random) -> Content:
    lead = lead_picture(rng)
    again = Picture(lead.address.replace("article_large_full", "inline_medium"), lead.caption)
    return Content((*paragraphs(rng, 3), Figure(again, repeats=True)), (lead,))


def _picture_in_paragraph(rng: random.Random) -> Content:
    picture = Picture(
        f"{PUBLIC_SITE}/sites/default/files/inline_images/20210105/a_Large.jpg", alt="海边", post_alt="海边"
    )
    html = f'<p>前文。<img src="{attribute(picture.address)}" alt="海边" width="" height="">后文。</p>'
    return among(Raw(html, ("<p>前文。</p>", picture.post("drupal"), "<p>后文。</p>")))(rng)


def _further_reading(rng: random.Random, before: int = 6) -> Content:
    links = ((story_link(rng), text.headline(rng)), (f"{PUBLIC_SITE}/node/1143183", text.headline(rng)))
    return Content((*paragraphs(rng, before), FurtherReading(links)))


def _broken(rng: random.Random) -> Content:
    return Content((Broken([text.paragraph(rng) for _ in range(5)]),))


def _pre(rng: random.Random) -> Content:
    lines = ["声明全文：", "一、照旧。", "二、{{ 待补 }}"]
    block = Raw(
        f'<pre><span style="color:#696969;">{page_text(chr(10).join(lines))}</span></pre>',
        ("<pre>" + "&#10;".join(map(post_text, lines)) + "</pre>",),
    )
    return among(Raw("<hr>", ("<hr>",)), block)(rng)


def _links(rng: random.Random) -> Content:
    address, words = story_link(rng), text.headline(rng)
    node = inner_link("/node/1143183", "详见", "另一则", "。", public=f"{PUBLIC_SITE}/node/1143183")
    outside = inner_link("https://example.org/?a=1&b={2}", "资料见", "网站", "。")
    return among(inner_link(address, "据报，", words, "。"), node, outside)(rng)


def _premium(rng: random.Random) -> Content:
    return Content((*paragraphs(rng, 3), Paywall()))


MAKERS: dict[str, Maker] = {
    "one_paragraph": paragraphs_of(1),
    "two_paragraphs": paragraphs_of(2),
    "three_paragraphs": paragraphs_of(3),
    "seven_paragraphs": paragraphs_of(7),
    "eight_paragraphs": paragraphs_of(8),
    "long_read": paragraphs_of(36),
    "awkward_text": _awkward,
    "lead_root_relative": _root_relative,
    "lead_cassette": _cassette,
    "gallery": _gallery,
    "figures_in_a_row": _row_of_figures,
    "lazy_pictures": lazy_pictures,
    "picture_twice": _picture_twice,
    "picture_in_paragraph": _picture_in_paragraph,
    "further_reading": _further_reading,
    # Two paragraphs and the heading count as three, so the advert stands between heading and link.
    "further_reading_around_advert": lambda rng: _further_reading(rng, before=2),
    "broken_paragraph": _broken,
    "residue": among(*_RESIDUE),
    "tweet": among(embeds.tweet("invented_dongyu", 1349400826050011136, "海风很大。 #东屿市 {{ x }}")),
    "facebook_post": among(embeds.facebook_post("invented.dongyu", 10157936595786270, "榕树百岁了...")),
    "oembed": among(embeds.oembed("SqFinvented1", "Invented Mazurka in C minor & more")),
    "youtube": among(embeds.frame("https://www.youtube.com/embed/invented001?rel=0&start=32")),
    "brightcove": among(
        embeds.brightcove(4802324430001, 6192992143001),
        embeds.frame("https://players.brightcove.net/4802324430001/default_default/index.html?videoId=6192992143002"),
    ),
    "empty_brightcove": among(embeds.EMPTY_BRIGHTCOVE, _PLAYER_WORDS),
    "table": among(
        Table((("渡轮", "班次"), ("甲线", "每 20 分钟"), ("乙线", " "))),
        Table((("项", "数"), ("A & B", "< 5")), headed=True),
    ),
    "quotes_and_lists": _below_standfirst(
        Quote(["引文一。", "引文二。"]),
        Quote(["没有段落的引文。"], loose=True),
        Items(["甲", "乙"]),
        Items(["一", "二"], True),
    ),
    "pre_and_rule": _pre,
    "links": _links,
    "premium": _premium,
    "lead_timestamp": _drupal7_address,
}
