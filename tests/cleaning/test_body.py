"""The rules of a body, one by one, on invented text."""

import contextlib
import time

import pytest
from judge.noise import noise_in
from support.cleaned import clean_html

from zbcrawler.cleaning import clean
from zbcrawler.common.errors import BodyError
from zbcrawler.common.markup import parse_fragment

STORE = "https://static.zaobao.com/s3fs-public/"


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        # blocks
        ("<p>一</p><p>二</p>", ["<p>一</p>", "<p>二</p>"]),
        ("散文<p>一</p>后文", ["<p>散文</p>", "<p>一</p>", "<p>后文</p>"]),
        ("<div>一<div>二</div>三</div>", ["<p>一</p>", "<p>二</p>", "<p>三</p>"]),
        ("<h1>甲</h1><h5>乙</h5><h6>丙</h6>", ["<h2>甲</h2>", "<h4>乙</h4>", "<h4>丙</h4>"]),
        ("<p> </p><p>&nbsp;</p><p>　　</p><p>\u200b</p><p><br></p><p><b> </b></p>", []),
        ("<p>一</p><hr><p>二</p>", ["<p>一</p>", "<hr>", "<p>二</p>"]),
        ("<center><font>字</font></center>", ["<p>字</p>"]),
        # marks
        ("<p><b>粗</b><i>斜</i><u>底</u></p>", ["<p><strong>粗</strong><em>斜</em>底</p>"]),
        ("<p><b> 甲</b>乙<b>丙 </b>丁</p>", ["<p><strong>甲</strong>乙<strong>丙</strong> 丁</p>"]),
        ("<p><b><strong>甲</strong></b></p>", ["<p><strong>甲</strong></p>"]),
        ("<p>H<sub>2</sub>O<span><span>深</span></span></p>", ["<p>H<sub>2</sub>O深</p>"]),
        ("<b>甲<section>乙</section></b>", ["<p><strong>甲</strong></p>", "<p><strong>乙</strong></p>"]),
        # white space
        ("<p>\n 甲 \u00a0 乙\t</p>", ["<p>甲 乙</p>"]),
        ("<p>　　缩进　内　</p>", ["<p>缩进　内</p>"]),
        ("<p><span>　</span>甲<b>　</b></p>", ["<p>甲</p>"]),
        # line breaks
        ("<p>甲<br>乙<br></p>", ["<p>甲<br>乙</p>"]),
        ("<p>甲<br>\n <br>\n乙</p>", ["<p>甲</p>", "<p>乙</p>"]),
        ("<p>甲<br>&nbsp;<br>　乙</p>", ["<p>甲</p>", "<p>乙</p>"]),
        ("<p><b>甲<br><br>乙</b>丙</p>", ["<p><strong>甲</strong></p>", "<p><strong>乙</strong>丙</p>"]),
        ("<h3>甲<br>&nbsp;</h3>", ["<h3>甲</h3>"]),
        # links
        ('<p><a href="/news" onclick="x" rel="y">甲</a></p>', ['<p><a href="https://www.zaobao.com/news">甲</a></p>']),
        ('<p><a href="javascript:x">甲</a><a href="mailto:a@b.c">乙</a><a>丙</a></p>', ["<p>甲乙丙</p>"]),
        ('<p>甲<a href="/x"></a></p>', ["<p>甲</p>"]),
        # lists, quotations
        (
            "<ul>\n<li>甲</li><li> </li>\n<li>乙<ul><li>丙</li></ul></li></ul>",
            ["<ul><li>甲</li><li>乙<ul><li>丙</li></ul></li></ul>"],
        ),
        ("<ul><li><p>甲</p></li></ul>", ["<ul><li><p>甲</p></li></ul>"]),
        ("<blockquote>甲</blockquote>", ["<blockquote>甲</blockquote>"]),
        ("<blockquote><p>甲</p>乙</blockquote>", ["<blockquote><p>甲</p><p>乙</p></blockquote>"]),
        ("<pre>\n一\n  二\t三\n</pre>", ["<pre>一&#10;  二 三</pre>"]),
        ("<pre><b>一</b><br>二 {{x}}</pre>", ["<pre><strong>一</strong>&#10;二 &#123;&#123;x&#125;&#125;</pre>"]),
        # tables
        (
            '<table border=1><tr><th colspan="2" style="x">甲</th></tr><tr><td> 乙 </td><td></td></tr></table>',
            ['<table><tr><th colspan="2">甲</th></tr><tr><td>乙</td><td></td></tr></table>'],
        ),
        ("<table><tr><td> </td></tr></table>", []),
        (
            "<table><caption>题</caption><tbody><tr><td>甲</td></tr></tbody></table>",
            ["<p>题</p>", "<table><tbody><tr><td>甲</td></tr></tbody></table>"],
        ),
        # escapes
        (
            "<p>{{ 甲 }} {% raw %} &amp; &lt;b&gt; \"'</p>",
            ["<p>&#123;&#123; 甲 &#125;&#125; &#123;% raw %&#125; &amp; &lt;b&gt; \"'</p>"],
        ),
        ("<p>\u202e甲\u0007\ufeff</p>", ["<p>甲</p>"]),
        # never
        ("<p>甲<script>x</script>乙<!-- y --><style>z</style></p>", ["<p>甲乙</p>"]),
        ('<svg onload="x"><text>甲</text></svg><p onclick="y">乙</p>', ["<p>乙</p>"]),
        # marks go on in lists and tables, not only in paragraphs
        ("<strong><ul><li>甲</li></ul></strong>", ["<ul><li><strong>甲</strong></li></ul>"]),
        (
            '<a href="/x">甲<blockquote>乙</blockquote></a>',
            [
                '<p><a href="https://www.zaobao.com/x">甲</a></p>',
                '<blockquote><a href="https://www.zaobao.com/x">乙</a></blockquote>',
            ],
        ),
        # preformatted text
        (
            '<pre>\n  甲<b>乙<b>丙</b></b> \n\t<a href="/x">丁</a>\u2028戊<br>己\n</pre>',
            [
                '<pre>  甲<strong>乙丙</strong>&#10;    <a href="https://www.zaobao.com/x">丁</a>&#10;戊&#10;己</pre>',
            ],
        ),
        ("<pre><p>甲</p><p>乙</p></pre>", ["<pre>甲</pre>", "<pre>乙</pre>"]),
        # from a word processor
        (
            "<p class=MsoNormal><font size=2>甲</font><o:p>&nbsp;</o:p></p><![if !x]><p>乙</p><![endif]>",
            ["<p>甲</p>", "<p>乙</p>"],
        ),
    ],
)
def test_markup(html, lines):
    assert clean_html(html) == lines


FIGURE = f'<figure><img src="{STORE}a.jpg" alt=""></figure>'
CAPTIONED = f'<figure><img src="{STORE}a.jpg" alt=""><figcaption>图说</figcaption></figure>'


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ('<p><img src="/s3/files/a.jpg"></p>', [FIGURE]),
        ('<p>甲<img src="/s3/files/a.jpg">乙</p>', ["<p>甲</p>", FIGURE, "<p>乙</p>"]),
        ('<figure class="x"><img src="/s3/files/a.jpg"><figcaption>图说</figcaption></figure>', [CAPTIONED]),
        ('<figure><img src="/s3/files/a.jpg"><figcaption> </figcaption></figure>', [FIGURE]),
        ('<figure><figcaption>图说</figcaption><img src="/s3/files/a.jpg"></figure>', [CAPTIONED]),
        ('<figure><figcaption>图说</figcaption><a href="/x"><img src="/s3/files/a.jpg"></a></figure>', [CAPTIONED]),
        (
            '<figure><img src="/s3/files/a.jpg"><figcaption>图<b>说</b></figcaption></figure><img src="/s3/files/a.jpg"><figcaption>图说</figcaption>',
            [CAPTIONED.replace("说", "<strong>说</strong>")],
        ),
        (
            "<figure><figcaption>表一</figcaption><table><tr><td>甲</td></tr></table></figure>",
            ["<p>表一</p>", "<table><tr><td>甲</td></tr></table>"],
        ),
        # words between a picture and its caption keep their place
        (
            '<figure><img src="/s3/files/a.jpg">甲<figcaption>乙</figcaption></figure>',
            [FIGURE, "<p>甲</p>", "<p>乙</p>"],
        ),
        # a picture that is part of a list or a quotation can take no caption any more
        (
            '<figure><ul><li><img src="/s3/files/a.jpg"></li></ul><figcaption>图说</figcaption></figure>',
            [f"<ul><li>{FIGURE}</li></ul>", "<p>图说</p>"],
        ),
        (
            '<blockquote><img src="/s3/files/a.jpg"></blockquote><figure><img src="/s3/files/a.jpg"><figcaption>图说</figcaption></figure>',
            [f"<blockquote>{FIGURE}</blockquote>", "<p>图说</p>"],
        ),
        (
            '<p><picture><source data-srcset="/s3/files/a.jpg 1x"><source srcset="/s3/files/b.jpg"><img></picture></p>',
            [FIGURE],
        ),
        (
            '<span class="figure-media"><img src="/s3/files/a.jpg"></span><span class="figure-caption">图说</span>',
            [CAPTIONED],
        ),
        ('<img src="https://example.org/count.gif" width="1" height="1">', []),
        (
            '<div class="figure-media"><img data-src="/s3/files/a.jpg" title="图说"></div>\n<figcaption>图说</figcaption>',
            [CAPTIONED],
        ),
        (
            '<div class="figure-media-gallery-slide"><img data-src="/s3/files/a.jpg"><div class="tint"></div></div><figcaption><p>图说</p></figcaption>',
            [CAPTIONED],
        ),
        (
            '<div class="bff-inline-image"><div class="figure-media"><img src="/s3/files/a.jpg"></div><button class="cursor-pointer"><img class="bff-inline-image-expand-icon" src="/x.svg"></button><div class="figure-caption">图说</div></div>',
            [CAPTIONED],
        ),
        ('<img src="/s3/files/a.jpg" data-caption="图说">', [CAPTIONED]),
        ('<img src="/s3/files/a.jpg" title="a.jpg">', [FIGURE]),
        ('<img src="/s3/files/a.jpg" alt="DSC 1.JPG">', [FIGURE]),
        (
            '<img src="/s3/files/a.jpg" alt=\'甲"{\'>',
            [f'<figure><img src="{STORE}a.jpg" alt="甲&quot;&#123;"></figure>'],
        ),
        ('<pre>甲<img src="/s3/files/a.jpg">乙</pre>', ["<pre>甲</pre>", FIGURE, "<pre>乙</pre>"]),
        # the same picture twice
        (
            '<img src="/s3/files/a.jpg"><p>甲</p><figure><img src="/s3/files/a.jpg?x"><figcaption>图说</figcaption></figure>',
            [CAPTIONED, "<p>甲</p>"],
        ),
        (f"{CAPTIONED}<p>甲</p>{CAPTIONED}", [CAPTIONED, "<p>甲</p>"]),
        (f"{CAPTIONED}<p>甲</p>{CAPTIONED.replace('图说', '别的')}", [CAPTIONED, "<p>甲</p>", "<p>别的</p>"]),
        # a caption whose picture shows nothing keeps its words
        ('<figure><img src="/undefined"><figcaption>图说</figcaption></figure>', ["<p>图说</p>"]),
    ],
)
def test_pictures(html, lines):
    assert clean_html(html) == lines


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        (
            '<div class="media_embed"><iframe src="https://www.youtube.com/embed/x"></iframe></div>',
            ['<p><a href="https://www.youtube.com/embed/x">https://www.youtube.com/embed/x</a></p>'],
        ),
        (
            '<blockquote class="twitter-tweet"><p lang="en">短文</p>— 某人 <a href="https://twitter.com/a/status/1?x=1&amp;y">某日</a></blockquote><script async></script>',
            [
                '<blockquote><p>短文</p><p>— 某人 <a href="https://twitter.com/a/status/1?x=1&amp;y">某日</a></p></blockquote>',
                '<p><a href="https://twitter.com/a/status/1?x=1&amp;y">https://twitter.com/a/status/1?x=1&amp;y</a></p>',
            ],
        ),
        (
            '<div class="fb-post" data-href="https://www.facebook.com/a/posts/1"><blockquote>短文</blockquote></div>',
            [
                "<blockquote>短文</blockquote>",
                '<p><a href="https://www.facebook.com/a/posts/1">https://www.facebook.com/a/posts/1</a></p>',
            ],
        ),
        ('<div class="paragraph--type--brightcove">   </div>', []),
        ('<div class="card" data-href="/news">短文</div>', ["<p>短文</p>"]),
        ('<iframe src="https://ads.doubleclick.net/x"></iframe>', []),
    ],
)
def test_embeds(html, lines):
    assert clean_html(html) == lines


def test_a_player_under_a_heading_of_related_stories_stays():
    lines = clean_html('<p>延伸阅读</p><iframe src="https://www.youtube.com/embed/x"></iframe>')
    assert len(lines) == 2
    assert clean_html("".join(lines)) == lines


@pytest.mark.parametrize(
    ("level", "deepest"),
    [("<div>", 233), ("<b>", 233), ("<ul><li>", 100), ("<table><tbody><tr><td>", 100)],
)
def test_deep_nesting_is_refused_and_not_cut(level, deepest):
    assert sum("深" in line for line in clean_html(level * deepest + "深")) == 1
    for depth in (deepest + 1, 5000):
        with pytest.raises(BodyError, match="nested too deeply"):
            clean_html(level * depth + "深")


@pytest.mark.parametrize(
    "html",
    [
        "<p>延伸阅读</p>" * 20000,
        "<div>" + "<p>阅读</p>" * 20000 + "</div>",
        "<p>字" + '<a href="/x">延伸阅读</a>' * 20000 + "字</p>",
        "<div>" + '<a href="?ref=next-article">下一篇</a>' * 20000 + "字</div>",
        "<b> </b>" * 100000 + "<br>" * 100000,
        '<img src="https://example.org/' + "lazy_" * 200000 + '/x">',
        "<table><tr><td>" * 20000,
        "<ul><li>" * 20000,
        "<pre><b>" * 20000,
    ],
    ids=lambda html: html[:30],
)
def test_a_body_made_to_be_hard_is_cleaned_or_refused_soon(html):
    start = time.process_time()
    with contextlib.suppress(BodyError):
        clean_html(html)
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    "html",
    [
        "<p>甲\x00乙\ud800丙&#0;&#xD800;&#x1f;</p>",
        '<p><a href="java&#10;script:x">甲</a><a href="&#x1;javascript:x">乙</a><a href="\x00vbscript:x">丙</a></p>',
        '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=x&gt;"></mtext></math>',
        '<svg></p><style><a id="</style><img src=1 onerror=x>"></svg>',
        '<noscript><p title="</noscript><img src=1 onerror=x>"></noscript>',
        '<p title="{{ x }}" onclick=x>甲<img src="x&quot; onerror=&quot;x" alt="&quot;&gt;&lt;script&gt;"></p>',
        "<p>甲<!-- -- ><script>x</script> --></p><![CDATA[<script>x</script>]]>",
        "<textarea><p></textarea><xmp><script>x</script></xmp><plaintext><b>",
    ],
)
def test_whatever_comes_in_only_what_is_allowed_comes_out(html):
    lines = clean_html(html)
    assert [line for line in noise_in(lines) if "leftover" not in line] == []
    assert clean_html("\n".join(lines)) == lines


def test_counts_what_was_dropped_and_sees_the_paywall():
    body = '<section id="imu"><div id="dfp-ad-imu1"></div></section><div class="cta-subscribe">请订阅</div><p>甲</p>'
    result = clean([parse_fragment(body)])
    assert result.lines == ["<p>甲</p>"]
    assert sorted(rule for rule, _ in result.removed) == ["advert", "paywall"]
    assert result.truncated
    assert not clean([parse_fragment('<div class="cx_paywall_placeholder"></div><p>甲</p>')]).truncated


def test_lead_pictures_come_first():
    lead = parse_fragment('<img src="/s3/files/a.jpg"><figcaption>图说</figcaption>')
    assert clean([lead, parse_fragment("<p>甲</p>")]).lines == [CAPTIONED, "<p>甲</p>"]


def test_stray_tags_of_a_page_end_nothing():
    assert clean_html("<p>甲</p></body></html><p>乙</p><body class='x'><p>丙") == [
        "<p>甲</p>",
        "<p>乙</p>",
        "<p>丙</p>",
    ]
