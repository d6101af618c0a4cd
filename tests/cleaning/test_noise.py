"""What is noise, and what only looks like noise."""

import pytest
from support.cleaned import clean_html

from zbcrawler.cleaning import clean
from zbcrawler.cleaning.noise_rules import RULES
from zbcrawler.common.markup import parse_fragment

LINK = '<a href="/realtime/china/story20210610-1">别的新闻</a>'


@pytest.mark.parametrize(
    "noise",
    [
        '<section id="imu"><div id="dfp-ad-imu1">字</div></section>',
        '<div id="innity-in-post">字</div>',
        '<div id="dfp-ad-midarticlespecial-wrapper" class="dfp-tag-wrapper">字</div>',
        '<a href="https://subscribe.sph.com.sg/x" target="_blank"><img class="view-desktop lazyload " data-src="https://static.zaobao.com/s3fs-public/freemium_images/1/a.jpg"></a>',
        '<a href="" target="_blank"><img class="view-mobile lazyload " data-src=""></a>',
        '<a href="/realtime/china/story20210610-1"><img class="view-desktop" src="/realtime/china/undefined"></a>',
        '<div class="article-microtransaction"><div class="cta-subscribe">请<a href="x">订阅</a></div></div><style>.cta{}</style>',
        '<div class="bff-google-ad">字</div><div class="bff-recommend-article">字</div>',
        '<a href="https://example.org/"><img class="view-desktop" src="/x.jpg">立即订阅</a>',
        '<button class="cursor-pointer">字</button><form>字</form><noscript>字</noscript>',
        '<img alt="expend icon" src="/x.svg">',
        "<astro-island>字</astro-island><zb-ai-summary>字</zb-ai-summary>",
        '<div id="gtx-trans"><div class="gtx-trans-icon">字</div></div>',
        '<div><a href="https://newspost.newslink.sg/?publication=ZB"><img src="/assets/newspost-x.svg">购买此文章</a></div>',
        '<div><div><a href="/realtime/china/story20250222-1?ref=previous-article">上一篇 别的</a></div><div>下一篇</div></div>',
        '<div><div><img src="/assets/tag-icon.svg"></div><a href="/keywords/a">甲</a><a href="/keywords/b">乙</a></div>',
        '<p><a href="https://www.bing.com/api/v1/mediation?x">字</a><a href="https://x.example/?obOrigUrl=true">字</a></p>',
        f"<p><strong>延伸阅读</strong></p><p>{LINK}</p>",
        f"<p>推荐阅读：</p><ul><li>{LINK}</li><li>{LINK}</li></ul>",
        f'<p><b>【相关阅读】</b></p><section id="imu"></section><p>{LINK}</p><div id="innity-in-post"></div><p> • {LINK}</p>',
        f"<p><strong>延伸阅读</strong><br>{LINK}<br>{LINK}</p>",
        f"<p>延伸阅读：{LINK}</p>",
        f"<p><b>延伸阅<i>读</i></b></p><p>{LINK}</p>",
        f"<font><p>延伸阅读</p><p>{LINK}</p><p> </p></font>",
        f"<div><h3>延伸阅读</h3><div>{LINK}</div></div>",
        f"<h4><span>延伸</span>阅读</h4><p>{LINK}</p>".replace("<span>延伸</span>阅读", "<span>延伸阅读</span>"),
        '<p>延伸阅读</p><div class="bff-recommend-article">字</div>',
        '<p>请<a href="https://example.org/">订阅</a>或<span>登录</span>，以继续阅读全文！</p>',
    ],
)
def test_dropped_between_paragraphs_that_stay_apart(noise):
    assert clean_html(f"<p>前</p>{noise}") == ["<p>前</p>"]
    if "延伸阅读</p><div" not in noise:  # a heading over a paragraph is none of related stories
        assert clean_html(f"前{noise}后") == ["<p>前</p>", "<p>后</p>"] or clean_html(f"前{noise}后") == ["<p>前后</p>"]


@pytest.mark.parametrize(
    "words",
    [
        "<p>看<strong>延伸阅读</strong>吧</p>",
        "<p>延伸阅读</p><p>不是链接的一段</p>",
        f"<p><strong>延伸阅读</strong>{LINK}是一篇文章</p>",
        f"<p>延伸阅读</p><p>请看{LINK}</p>",
        f"<p>相关新闻：</p><ul><li>{LINK}</li></ul>",
        "<p>推荐阅读习惯</p>",
        "<p>“请订阅或登录，以继续阅读全文”是一句提示。</p>",
        '<p><a href="/keywords/a">甲</a>访问了<a href="/keywords/b">乙</a></p>',
        "<p>订户专享</p>",
        '<p class="view-mobile">字</p>',
        f"<h3>书目</h3><ul><li>{LINK}</li><li>{LINK}</li></ul><p>字</p><p>{LINK}</p>",
        f"<h3>推荐阅读</h3><ul><li>{LINK}：一本好书</li></ul>",
        '<p>他说：“<a href="/realtime/china/story20210610-1?x=1">上一篇</a>更好。”</p>',
        '<p class="advert">字</p><p id="improper">字</p><ins>字</ins>',
    ],
)
def test_words_that_only_look_like_noise_stay(words):
    def plain(lines):
        return "".join(part.split(">")[-1] for line in lines for part in line.split("<"))

    assert plain(clean_html(words)) == plain([words])


def test_links_after_the_related_ones_end_them():
    html = f"<p>前</p><p>延伸阅读</p><p>{LINK}</p><p>后</p><p>{LINK}</p>"
    assert [line for line in clean_html(html) if "别的" not in line] == ["<p>前</p>", "<p>后</p>"]
    assert len(clean_html(html)) == 3


def test_a_heading_above_another_has_nothing_left_under_it():
    assert clean_html(f"<p>前</p><p>延伸阅读</p><p>推荐阅读</p><p>{LINK}</p>") == ["<p>前</p>"]


@pytest.mark.parametrize(
    "html",
    [
        f"<div><p>前</p><p>延伸阅读</p></div><section id='imu'></section><p>{LINK}</p>",
        f"<div><div><p>前</p><p>延伸阅读</p></div></div><p>{LINK}</p><p> </p>",
        f"<p>前<br><strong>延伸阅读</strong></p><p>{LINK}</p>",
        "<div><div><p>前</p><p>延伸阅读</p></div></div>",
    ],
)
def test_links_may_stand_behind_the_wrapper_that_the_heading_ends(html):
    assert clean_html(html) == ["<p>前</p>"]


@pytest.mark.parametrize(
    "html",
    [
        f"<p>前，见<strong>延伸阅读</strong></p><p>{LINK}</p>",
        "<table><tr><td>前</td><td>延伸阅读</td></tr></table>",
        "<div><p>前</p><p>延伸阅读</p></div><p>后</p>",
    ],
)
def test_an_end_that_is_no_heading_stays(html):
    assert "延伸阅读" in "".join(clean_html(html))


def test_links_may_be_the_first_thing_in_a_wrapper_of_the_rest():
    html = f"<p>前</p><p>延伸阅读</p><div><div><p>{LINK}</p></div><p>后</p><p>{LINK}</p></div>"
    assert [line[:6] for line in clean_html(html)] == ["<p>前</", "<p>后</", "<p><a "]


def test_a_wrapper_does_not_make_a_sentence_of_related_links():
    html = f"<font><p>前</p><p>延伸阅读</p><p>{LINK}</p><p>后</p></font>"
    assert clean_html(html) == ["<p>前</p>", "<p>后</p>"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_says_why_and_where(rule):
    letters, _, reason = rule.reason.partition(": ")
    assert reason
    assert set(letters) <= set("BCDH")
    assert (
        rule.tags
        or rule.ids
        or rule.id_prefixes
        or rule.classes
        or rule.picture_classes
        or rule.links
        or rule.sources
        or rule.sentences
    )


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("\x1b请订阅或登录，以继续阅读全文！", []),
        ("<p>前</p>请订阅或登录，以继续阅读全文<p>后</p>", ["<p>前</p>", "<p>后</p>"]),
        ("<p>前<br>此文章为早报订户专享内容<br></p>", ["<p>前</p>"]),
        ("<p>前<!-- x -->此文章为早报订户专享内容</p>", ["<p>前</p>"]),
    ],
)
def test_a_sentence_of_the_paywall_that_has_no_element_of_its_own(html, lines):
    body = clean([parse_fragment(html)])
    assert body.lines == lines
    assert body.truncated
    assert [rule for rule, _ in body.removed] == ["paywall"]


def test_a_sentence_that_speaks_of_the_paywall_stays():
    html = "<p>报道说，此文章为早报订户专享内容，所以看不到。</p>"
    assert clean_html(html) == [html]


@pytest.mark.parametrize(
    "nothing", ['<img src="">', "<p><img></p>", "<table></table>", "<video></video>", "<iframe></iframe>"]
)
def test_a_heading_of_related_stories_with_nothing_to_see_below_goes_the_first_time(nothing):
    assert clean_html(f"<p>前</p><h3>延伸阅读</h3>{nothing}") == ["<p>前</p>"]
    assert clean_html(f"<p>前</p><h3>延伸阅读</h3>{nothing}<p>{LINK}</p>") == ["<p>前</p>"]


@pytest.mark.parametrize("odd", ["\x01", "\x0b", "\x0c", "\x1f", "\ufffe"])
def test_characters_that_no_tree_takes_do_not_hide_a_sentence_of_the_paywall(odd):
    assert clean_html(f"<p>字<br>请订阅或登录，{odd}以继续阅读全文<br>尾</p>") == clean_html("<p>字<br><br>尾</p>")


THUMBNAIL = '<img src="https://cassette.sphdigital.com.sg/image/zaobao-sm/{}" alt="{}">'
CARDS = {
    "picture and title in one link": f'<a href="/news/story20250101-1">{THUMBNAIL.format(1, "题甲")}<span>题甲</span></a>',
    "picture beside the link": f'<div>{THUMBNAIL.format(1, "题甲")}<div><a href="/n">题甲</a></div></div>',
    "picture before the link": f'{THUMBNAIL.format(1, "题甲")}<p><a href="/n">题甲</a></p>',
    "title behind the link": f'<a href="/n">{THUMBNAIL.format(1, "题甲")}</a><p>题甲</p>',
    "title as caption": f'<figure><a href="/n">{THUMBNAIL.format(1, "题甲")}</a><figcaption>题甲</figcaption></figure>',
    "no picture": '<p><a href="/n">题甲</a></p>',
}
RELATED_BLOCKS = (
    '<section class="x"><h2>延伸阅读</h2>{}</section>',
    "<section><div><span>延伸阅读</span></div><div>{}</div></section>",
    "<p>延伸阅读</p>{}",
)
FIGURE = (
    '<div class="inline-figure bff-inline-image"><div class="figure-media"><img src="https://x.example/9.jpg" alt="图说">'
    '</div><div class="figure-caption">图说</div></div>'
)


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("block", RELATED_BLOCKS)
@pytest.mark.parametrize(
    "behind",
    [
        "",
        "<p>第六段。</p>",
        '<p><a href="/x">某人上月访问</a>时谈了此事。</p>',
        '<p><a href="/x">甲</a>、<a href="/y">乙</a>。</p>',
        "<h3>小标题</h3><p>第六段。</p>",
        FIGURE,
    ],
)
def test_related_stories_among_the_paragraphs_go_whole_and_what_follows_stays(card, block, behind):
    before = "<p>段。</p>" * 5
    second = '<div><a href="/m">题乙</a></div>'
    for cards in (CARDS[card], CARDS[card] + second):
        assert clean_html(before + block.format(cards) + behind) == clean_html(before + behind)


@pytest.mark.parametrize("word", ["阅兵", "热词", "订户专享", "特朗普", "延伸阅读"])
def test_a_keyword_that_is_linked_in_a_sentence_stays(word):
    line = f'<p>北京的<a href="https://www.zaobao.com/keywords/x">{word}</a>开始。</p>'
    assert clean_html(line) == [line]


def test_a_picture_that_is_no_title_s_stays():
    html = f'<h3>延伸阅读</h3><p><a href="/n">题甲</a></p>{THUMBNAIL.format(2, "别的图")}<p>段。</p>'
    assert [line[:4] for line in clean_html(html)] == ["<fig", "<p>段"]


PLAYER = (
    "<p>This is a modal window.</p><p>打开对话窗口。Escape键将取消并关闭对话窗口。</p><p>播放视频</p>"
    "<p>播放 API 请求失败，原因未知</p><p>错误代码: VIDEO_CLOUD_ERR_UNKNOWN</p><p>技术细节:</p>"
    "<p>会话 ID： 2026-01-02:abcdef01 播放器元素 ID： vjs_video_3</p><p>会话 ID：2026</p><p>确定</p><p>关闭弹窗</p><p>结束对话窗口</p>"
)
GOODS = (
    '<h3>推荐购买</h3><div><img src="https://x.example/1.jpg"><a href="https://x.example/">折叠伞</a><span>$19.90</span></div>'
    "<p>立即购买</p><p>所有商品均由新报业媒体购物团队严选。读者购买后，本报可能得到佣金。</p>"
)


@pytest.mark.parametrize(
    "noise",
    [
        PLAYER,
        f"<div>{PLAYER}</div>",
        "<p>VIDEO_CLOUD_ERR_VIDEO_NOT_FOUND</p>",
        "<div><p>Error Code: VIDEO_CLOUD_ERR_UNKNOWN</p><p>OK</p><p>Session ID: 2026:1a Player Element ID: vjs_3</p></div>",
        GOODS,
        f"<section><div>{GOODS}</div></section>",
        "<div><div><h4>推荐购买</h4></div><div><p>折叠伞</p><button>立即购买</button></div>"
        "<small>所有商品均由新报业媒体购物团队严选</small></div>",
        "<p>设为谷歌新闻首选来源</p>",
        '<div><a href="https://www.google.com/preferences/source?q=x"><img src="https://x.example/g.png">设为谷歌新闻首选来源</a></div>',
        "<div>订户专享 赠阅文章</div><p>早报新添“赠阅文章”功能！凡早报VIP会员，每月可赠送 5 篇订户专享文章。</p><p>了解更多</p><p>知道了</p>",
    ],
)
def test_the_noise_of_2026_goes(noise):
    assert clean_html(f"<p>前。</p>{noise}<p>后。</p>") == ["<p>前。</p>", "<p>后。</p>"]


@pytest.mark.parametrize(
    "line",
    [
        "<p>他说：“This is a modal window.”</p>",
        "<p>错误代码 VIDEO_CLOUD_ERR_UNKNOWN 让读者不解。</p>",
        "<p>会话 ID：一个编号</p>",
        "<p>会话 ID：2026</p>",
        "<p>确定</p>",
        "<p>了解更多</p>",
        "<h3>推荐购买</h3>",
        "<p>店家推荐购买折叠伞，顾客可立即购买。</p>",
        "<p>店家说，所有商品均由新报业媒体购物团队严选。</p>",
        "<p>他把早报设为谷歌新闻首选来源。</p>",
        "<p>订户专享的赠阅文章越来越多。</p>",
    ],
)
def test_a_story_that_has_such_words_keeps_them(line):
    assert clean_html(f"<p>前。</p>{line}<p>后。</p>") == ["<p>前。</p>", line, "<p>后。</p>"]


def test_an_offer_does_not_take_the_paragraphs_around_it_along():
    text = "<h3>推荐购买</h3><p>伞有三种。</p><p>立即购买</p><div>所有商品均由新报业媒体购物团队严选，价格会变。<p>正文。</p></div>"
    assert clean_html(text) == ["<p>伞有三种。</p>", "<p>正文。</p>"]
