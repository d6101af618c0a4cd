"""Each judge finds the faults it looks for, and none in a correct body. All snippets are invented."""

import json

import pytest

from judge.embeds import embed_lines, expected_embeds
from judge.noise import RULES, noise_in
from judge.pictures import canonical, expected_pictures, post_pictures, same_picture_key
from judge.real import body_of_post, real_bodies, seed_body
from judge.structure import (
    expected_links,
    post_links,
    post_places,
    post_words_in,
    source_places,
    source_words_in,
)
from judge.tree import parse, text_of
from judge.words import bare, first_difference, post_words, reader_words

STORE = "https://static.zaobao.com/s3fs-public/"
STORY = "https://www.zaobao.com/realtime/china/story20300101-1"
IMG = '<img src="https://a.example/1.jpg" alt="">'
IMU = '<section id="imu"><div id="dfp-ad-imu1"> 广告 </div></section>'


class TestTree:
    def test_paragraphs_and_items_without_end_tags_are_siblings(self):
        assert [c.tag for c in parse("<p>甲<p>乙<ul><li>丙<li>丁</ul>").children] == ["p", "p", "ul"]
        assert len(parse("<ul><li>丙<li>丁</ul>").children[0].children) == 2

    def test_a_list_inside_an_item_stays_inside(self):
        outer = parse("<ul><li>甲<ul><li>乙</li></ul></li><li>丙</li></ul>").children[0]
        assert [text_of(item) for item in outer.children] == ["甲乙", "丙"]

    def test_cells_without_end_tags_are_siblings(self):
        rows = parse("<table><tr><td>甲<td>乙<tr><td>丙</table>").children[0].children
        assert [[text_of(cell) for cell in row.children] for row in rows] == [["甲", "乙"], ["丙"]]

    def test_an_end_tag_without_a_start_is_ignored(self):
        assert text_of(parse("<p>甲</div>乙</p></p>丙")) == "甲乙丙"

    def test_a_query_keeps_its_ampersands(self):
        link = parse('<a href="https://a.example/?x=1&timestamp=2&copy=3">甲</a>').children[0]
        assert link.get("href") == "https://a.example/?x=1&timestamp=2&copy=3"

    def test_broken_quoting_does_not_leak_into_the_text(self):
        root = parse('<div><img title="他说" 好"极了。" alt src="https://a.example/1.jpg"></div><p>甲</p>')
        assert text_of(root) == "甲"
        assert root.children[0].children[0].get("src") == "https://a.example/1.jpg"

    def test_the_first_of_two_equal_attributes_counts(self):
        assert parse('<img src="1" src="2">').children[0].get("src") == "1"


class TestWords:
    @pytest.mark.parametrize(
        "noise",
        [
            IMU,
            '<div id="innity-in-post">甲</div>',
            '<div id="dfp-ad-midarticlespecial2-wrapper">甲</div>',
            '<div class="dfp-tag-wrapper x">甲</div>',
            "<style>.a {display:none}</style>",
            "<script>var a = '<p>甲</p>';</script>",
            "<!-- 甲 -->",
            '<div id="gtx-trans" style="left: 1px"><div class="gtx-trans-icon">甲</div></div>',
            '<div class="article-microtransaction"><div>请<a href="#">订阅</a></div></div>',
            '<div class="cta-subscribe">甲</div><div class="cta-subscribe-new">甲</div>',
            '<div class="cx_paywall_placeholder" id="sph_cdp_40">甲</div>',
            '<a href="https://subscribe.sph.com.sg/x"><img class="view-desktop lazyload" alt="甲">甲</a>',
            '<a href=""><img class="view-mobile lazyload " data-src="">甲</a>',
            '<a href="https://newspost.newslink.sg/?publication=ZB">甲</a>',
            '<a href="/realtime/china/story20300101-1?obOrigUrl=true">甲</a>',
            '<iframe src="https://www.youtube.com/embed/x">甲</iframe>',
            '<zb-ai-summary>甲</zb-ai-summary><div class="read-on-app-cover">甲</div>',
            '<button class="cursor-pointer">甲</button><form>甲</form><noscript>甲</noscript>',
            f"<p><strong>延伸阅读</strong></p><p><a href='{STORY}'>甲</a></p>",
            f"<p><b>延伸阅读</b></p>{IMU}<p><a href='/node/1'>甲</a></p><p><a href='/node/2'>乙</a></p>",
            f"<h3>推荐阅读：</h3><ul><li><a href='{STORY}'>甲</a></li><li>• <a href='/a'>乙</a></li></ul>",
            f"<div><p>【相关阅读】</p></div><div><p>&nbsp;</p><p><a href='{STORY}'>甲</a></p></div>",
            f"<p><strong>延伸阅读</strong><br><a href='{STORY}'>甲</a><br><a href='{STORY}'>乙</a></p>",
            "<p>■ 延伸阅读：</p><p>《<a href='/a'>甲</a>》</p>",
            "<p>延伸阅读</p><p><a href='/a'><img src='/a.jpg'></a></p><p><a href='/a'>甲</a></p>",
            "<p>延伸阅读</p>",
            "<p>请订阅或登录，以继续阅读全文！</p>",
            '<video src="https://a.example/1.mp4">甲</video><textarea>甲</textarea>',
            '<div class="related-articles">甲</div><div class="bff-inline-image-expand-icon">甲</div>',
        ],
    )
    def test_noise_has_no_words(self, noise):
        assert reader_words(f"<p>前面。</p>{noise}") == "前面。"

    @pytest.mark.parametrize(
        ("html", "words"),
        [
            ("<p>一 二&nbsp;三\u3000四\u200b五\u2060六\ufeff七\u202a八</p>", "一二三四五六七八"),
            ("<p>A&amp;B &lt;c&gt; &#123;x&#125;</p>", "A&B<c>{x}"),
            ("loose <span><span><b>深</b></span></span>", "loose深"),
            ("<p>\U0001f468\u200d\U0001f469</p>", "\U0001f468\u200d\U0001f469"),
            ('<figure><img alt="字" title="字"><figcaption>图说</figcaption></figure>', "图说"),
            ('<img data-caption="字"><div class="tint">字</div><figcaption><p>图说</p></figcaption>', "图说"),
            ("<p><strong>相关新闻：</strong></p><ul><li><a href='/a'>甲</a></li></ul>", "相关新闻：甲"),
            ("<h3>延伸阅读</h3><p>这一节讲书。</p>", "延伸阅读这一节讲书。"),
            ("<p>他说：延伸阅读很重要。</p><p><a href='/a'>甲</a></p>", "他说：延伸阅读很重要。甲"),
            ("<p>延伸阅读</p><hr><p><a href='/a'>甲</a></p>", "延伸阅读甲"),
            ("<p>延伸阅读</p><iframe></iframe><p><a href='/a'>甲</a></p>", "延伸阅读甲"),
            ("<p>延伸阅读</p><p><img src='/1.jpg'><a href='/a'>甲</a></p>", "延伸阅读甲"),
            ("<p>他写道，以继续阅读全文。</p>", "他写道，以继续阅读全文。"),
            ("<p>延伸阅读</p><p><a href='/a'>甲</a></p><p>更正：<a href='/b'>乙</a></p>", "更正：乙"),
            (
                "<p>请看<a href='mailto:a@example.com'>来信</a>和<a href='javascript:;'>这里</a></p>",
                "请看来信和这里",
            ),
            (
                '<blockquote class="twitter-tweet"><p>词</p>— 名 <a href="https://t.co/x">日</a></blockquote>',
                "词—名日",
            ),
            ('<div class="oembed"><a class="oembed-title" href="https://a.example/">题</a></div>', "题"),
            ("<p><a href='https://a.example/?b=1&amp;c'>https://a.example/?b=1&amp;c</a></p><p>后</p>", "后"),
            ("<p>见<a href='https://a.example/'>https://a.example/</a></p>", "见https://a.example/"),
            (f"<figure>{IMG}<figcaption>图</figcaption></figure>" * 2, "图"),
            (f"<figure>{IMG}<figcaption>图</figcaption></figure>{IMG}<figcaption>二</figcaption>", "图二"),
            (f"{IMG}<figcaption>图</figcaption><img src='/2.jpg'><figcaption>图</figcaption>", "图图"),
            ("<img title='图'><div class='article-pic-title'>图</div>", "图"),
            (
                "<figure><img><figcaption>图</figcaption></figure><div class='article-pic-title'>图 </div>",
                "图",
            ),
        ],
    )
    def test_words_of_a_source(self, html, words):
        assert reader_words(html) == words

    def test_words_of_a_post(self):
        lines = [
            "<p>一 <strong>二</strong>&amp;&#123;</p>",
            '<p><a href="https://a.example/">https://a.example/</a></p>',
            '<figure><img alt="不算"><figcaption>三</figcaption></figure>',
        ]
        assert post_words(lines) == "一二&{三"

    def test_a_lost_a_moved_and_an_added_word_are_seen(self):
        source = reader_words("<p>一</p><p>二</p>")
        assert post_words(["<p>一</p>", "<p>二</p>"]) == source
        for lines in (["<p>一</p>"], ["<p>二</p>", "<p>一</p>"], ["<p>一</p>", "<p>二二</p>"]):
            assert post_words(lines) != source

    def test_first_difference(self):
        assert first_difference("一二", "一二") == ""
        assert first_difference("一二三", "一三三").startswith("at 1:")
        assert first_difference("一二", "一").startswith("at 1:")

    def test_bare(self):
        assert bare(" \t\u3000\u00a0\u200b\u202e\x07\u2028x\u200d") == "x\u200d"


CLEAN = [
    f'<figure><img src="{STORE}a.jpg?x&amp;y" alt="图 &quot;说&quot;"></figure>',
    f'<figure>{IMG}<figcaption>图 "说"</figcaption></figure>',
    f'<figure><img src="{STORE}2021-05/a.jpg" alt=""></figure>',
    "<p>一\u3000二。\U0001f468\u200d\U0001f469 &amp; &lt;b&gt; &#123;&#123; x &#125;&#125;</p>",
    '<p>三。<br>四 <strong>五</strong> <a href="http://a.example/?x=1&amp;y=2">六</a><sup>2</sup></p>',
    "<h3>小标题</h3>",
    "<ul><li>甲</li><li>乙<ol><li>丙</li></ol></li></ul>",
    "<blockquote><p>引</p><p>文</p></blockquote>",
    '<table><tbody><tr><th colspan="2">头</th></tr><tr><td></td><td>格</td></tr></tbody></table>',
    '<table><tr><td rowspan="2">格</td></tr></table>',
    "<pre>\u3000行  一&#10;  行二</pre>",
    "<hr>",
    "<p>相关新闻：</p>",
    f'<ul><li><a href="{STORY}">甲</a></li></ul>',
    "<p>他写道，以继续阅读全文。</p>",
    "<h3>延伸阅读</h3>",
    "<p>这一节讲书。</p>",
    '<p><a href="https://www.youtube.com/watch?v=x">https://www.youtube.com/watch?v=x</a></p>',
]

DIRTY = [
    ("line break", "<p>一\n二</p>"),
    ("line break", "<p>一\u2028二</p>"),
    ("control character", "<p>一\x07</p>"),
    ("control character", "<pre>一\t二</pre>"),
    ("zero-width", "<p>一\u200b二</p>"),
    ("zero-width", '<figure><img src="https://a.example/1.jpg" alt="\ufeff图"></figure>'),
    ("bidi control", "<p>一\u202e二</p>"),
    ("no-break space", "<p>一\u00a0二</p>"),
    ("no-break space", "<p>一&nbsp;二</p>"),
    ("brace not escaped", "<p>{% raw %}</p>"),
    ("brace not escaped", '<p><a href="https://a.example/{x}">一</a></p>'),
    ("character reference", "<p>一&hellip;</p>"),
    ("character reference", "<p>A & B</p>"),
    ("character reference", "<p>一&#10;二</p>"),
    ("markup that is not", "<p>一 > 二</p>"),
    ("markup that is not", "<p>一<br/>二</p>"),
    ("markup that is not", "<p><a href='https://a.example/'>一</a></p>"),
    ("quotation mark escaped", "<p>&quot;一&quot;</p>"),
    ("not exactly one block", "一"),
    ("not exactly one block", ""),
    ("not exactly one block", "<p>一</p> "),
    ("not exactly one block", "<p>一</p><p>二</p>"),
    ("not exactly one block", "<p>一</p><hr>"),
    ("not exactly one block", "<hr>一"),
    ("not exactly one block", "<strong>一</strong>"),
    ("not exactly one block", "<li>一</li>"),
    ("not balanced", "<p>一"),
    ("not balanced", "<p><strong>一</p></strong>"),
    ("forbidden element b", "<p><b>一</b></p>"),
    ("forbidden element i", "<p><i>一</i></p>"),
    ("forbidden element h1", "<h1>一</h1>"),
    ("forbidden element h5", "<h5>一</h5>"),
    ("forbidden element h6", "<h6>一</h6>"),
    ("forbidden element span", "<p><span>一</span></p>"),
    ("forbidden element iframe", '<p><iframe src="https://a.example/"></iframe>一</p>'),
    ("forbidden element script", "<p>一<script>x</script></p>"),
    ("forbidden attribute class", '<p class="center">一</p>'),
    ("forbidden attribute style", '<td style="x">一</td>'),
    ("forbidden attribute title", '<figure><img src="https://a.example/1" alt="" title="一"></figure>'),
    ("forbidden attribute data-src", '<figure><img src="https://a.example/1" alt="" data-src="x"></figure>'),
    ("forbidden attribute target", '<p><a href="https://a.example/" target="_blank">一</a></p>'),
    ("forbidden event handler onclick", '<p onclick="x()">一</p>'),
    ("cell span", '<table><tr><td colspan="a">一</td></tr></table>'),
    ("comment", "<p>一<!-- x --></p>"),
    ("leftover", '<p id="dfp-ad-imu1">一</p>'),
    ("leftover", "<p>一 _mySPHObj.openLogin()</p>"),
    ("paywall", "<p>请订阅或登录，以继续阅读全文！</p>"),
    ("never content", '<p><a href="https://subscribe.sph.com.sg/x">一</a></p>'),
    ("never content", '<p><a href="https://newspost.newslink.sg/?a=b">一</a></p>'),
    ("never content", f'<p><a href="{STORY}?obOrigUrl=true">一</a></p>'),
    ("never content", f'<figure><img src="{STORE}freemium_images/1.jpg" alt=""></figure>'),
    ("not absolute", '<p><a href="/realtime/china">一</a></p>'),
    ("not absolute", "<p><a>一</a></p>"),
    ("not absolute", '<p><a href="javascript:x">一</a></p>'),
    ("not absolute", '<p><a href="mailto:a@example.com">一</a></p>'),
    ("not absolute", '<figure><img src="data:image/gif;base64,R0" alt=""></figure>'),
    ("not absolute", '<p><a href="http://[a">一</a></p>'),
    ("not absolute", '<figure><img src="//a.example/1.jpg" alt=""></figure>'),
    ("white space in an address", '<figure><img src="https://a.example/1 2.jpg" alt=""></figure>'),
    ("address of nothing", '<figure><img src="https://a.example/realtime/undefined" alt=""></figure>'),
    ("file store", '<figure><img src="https://www.zaobao.com/s3/files/a.jpg" alt=""></figure>'),
    ("file store", '<figure><img src="https://www.zaobao.com.sg/s3fs-public/a.jpg" alt=""></figure>'),
    ("file store", '<figure><img src="https://dss0.zbstatic5.com/s3fs-public/a.jpg" alt=""></figure>'),
    ("picture outside", f"<p>一{IMG}</p>"),
    ("figure with 0", "<figure><figcaption>一</figcaption></figure>"),
    ("figure with 2", f'<figure>{IMG}<img src="https://a.example/2.jpg" alt=""></figure>'),
    (
        "more than one caption",
        f"<figure>{IMG}<figcaption>一</figcaption><figcaption>二</figcaption></figure>",
    ),
    ("without alt", '<figure><img src="https://a.example/1.jpg"></figure>'),
    ("file name", '<figure><img src="https://a.example/1.jpg" alt="x_Large.JPG"></figure>'),
    ("empty p", "<p></p>"),
    ("empty p", "<p>\u3000 </p>"),
    ("empty p", "<p><strong></strong><br></p>"),
    ("empty li", "<ul><li></li><li>一</li></ul>"),
    ("empty figcaption", f"<figure>{IMG}<figcaption></figcaption></figure>"),
    ("blank at an end of p", "<p>一\u3000\u3000</p>"),
    ("blank at an end of p", "<p><strong>\u3000一</strong></p>"),
    ("blank at an end of li", "<ul><li>一 </li></ul>"),
    ("run of blanks in p", "<p>一  二</p>"),
    ("run of blanks in p", "<p>一 <strong> 二</strong></p>"),
    ("run of blanks in an attribute", '<figure><img src="https://a.example/1.jpg" alt="一  二"></figure>'),
    ("run of br in p", "<p>一<br><br>二</p>"),
    ("run of br in p", "<p>一<br>\u3000<br>二</p>"),
    ("br at an end of p", "<p>一<br></p>"),
    ("br at an end of p", "<p><strong>一<br></strong></p>"),
    ("br at an end of p", "<p><br>一</p>"),
    ("nh3 would change", "<p>一<blockquote>二</blockquote></p>"),
    ("a inside a", '<p><a href="https://a.example/">一<a href="https://b.example/">二</a></a></p>'),
    ("a inside a", '<p><a href="https://a.example/"><em><a href="https://b.example/">二</a></em></a></p>'),
    ("li inside li", "<ul><li>一<li>二</li></li></ul>"),
    ("nh3 would change", "<table><tr><td>一</td></tr><p>二</p></table>"),
]


class TestNoise:
    def test_a_clean_body_has_none(self):
        assert noise_in(CLEAN) == []

    @pytest.mark.parametrize("line", CLEAN)
    def test_nor_has_any_of_its_lines(self, line):
        assert [what for what in noise_in([line]) if "related stories" not in what] == []

    @pytest.mark.parametrize(("what", "line"), DIRTY)
    def test_dirt_is_found(self, what, line):
        assert any(what in finding for finding in noise_in([line])), noise_in([line])

    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
    def test_every_rule_fires_somewhere(self, rule):
        assert any(list(rule(line, parse(line))) for _, line in DIRTY)

    def test_a_finding_names_its_line(self):
        assert noise_in(["<p>一</p>", "<p><b>二</b></p>"])[0].startswith("line 2: ")

    def test_a_picture_twice(self):
        lines = [
            f'<figure><img src="{STORE}{path}" alt=""></figure>'
            for path in ("styles/a/public/1.jpg?x", "1.jpg", "2.jpg")
        ]
        assert noise_in(lines) == [f"picture more than once: {STORE}1.jpg"]
        assert noise_in(lines[1:]) == []

    @pytest.mark.parametrize("heading", ["延伸阅读", "推荐阅读：", "【相关阅读】"])
    def test_related_stories(self, heading):
        lines = [
            "<p>一</p>",
            f"<p><strong>{heading}</strong></p>",
            f'<ul><li><a href="{STORY}">甲</a></li></ul>',
        ]
        assert noise_in(lines) == ["line 2: related stories", "line 3: related stories"]
        assert noise_in(lines[:2]) == ["line 2: related stories"]
        assert noise_in([*lines[:2], "<p>这一节讲书。</p>"]) == []
        assert noise_in([lines[0], lines[2]]) == []

    def test_a_related_story_on_the_line_of_its_heading(self):
        lines = [f'<p>延伸阅读：<a href="{STORY}">甲</a></p>', "<p>一</p>"]
        assert noise_in(lines) == ["line 1: related stories"]


class TestPictures:
    @pytest.mark.parametrize(
        ("img", "address"),
        [
            (f'<img src="{STORE}a.jpg" data-src="{STORE}b.jpg">', f"{STORE}a.jpg"),
            (f'<img data-src="{STORE}b.jpg?v.1&amp;itok=x">', f"{STORE}b.jpg?v.1&itok=x"),
            (f'<img src="" data-src="{STORE}b.jpg">', f"{STORE}b.jpg"),
            (f'<img src="data:image/gif;base64,R0lGOD" data-src="{STORE}b.jpg">', f"{STORE}b.jpg"),
            (
                f'<img src="https://www.zaobao.com/realtime/china/undefined" data-src="{STORE}b.jpg">',
                f"{STORE}b.jpg",
            ),
            (f'<img src="/_astro/pic-default.Ab1.png" data-src="{STORE}b.jpg">', f"{STORE}b.jpg"),
            ('<img src="/s3/files/styles/x/public/a.jpg?itok=1">', f"{STORE}styles/x/public/a.jpg?itok=1"),
            ('<img src="/sites/default/files/a.jpg">', "https://www.zaobao.com/sites/default/files/a.jpg"),
            ('<img src=" https://a.example/a b.jpg ">', "https://a.example/a%20b.jpg"),
            ('<img src="//a.example/s3fs-public/a.jpg">', "https://a.example/s3fs-public/a.jpg"),
        ],
    )
    def test_which_address(self, img, address):
        assert expected_pictures(f"<p>一{img}</p>") == [address]

    @pytest.mark.parametrize(
        "html",
        [
            "<img>",
            '<img src="" data-src="">',
            '<img src="https://www.zaobao.com/realtime/china/undefined">',
            '<a href=""><img class="view-desktop lazyload  " data-src="https://a.example/1.jpg"></a>',
            '<img class="view-mobile" src="https://a.example/1.jpg">',
            f'<img data-src="{STORE}freemium_images/20300101/x.jpg">',
            '<section id="imu"><img src="https://a.example/1.jpg"></section>',
            '<noscript><img src="https://a.example/1.jpg"></noscript>',
            '<img alt="expend icon" src="https://a.example/1.jpg">',
            '<button><img class="bff-inline-image-expand-icon" src="https://a.example/1.jpg"></button>',
        ],
    )
    def test_no_picture(self, html):
        assert expected_pictures(html) == []

    def test_in_order_and_once(self):
        html = "".join(
            f'<figure><img src="{src}"></figure>'
            for src in (
                f"{STORE}styles/big/public/1.jpg?a",
                f"{STORE}2.jpg",
                "/s3/files/styles/small/public/1.jpg?b",
            )
        )
        assert expected_pictures(html) == [f"{STORE}styles/big/public/1.jpg?a", f"{STORE}2.jpg"]

    @pytest.mark.parametrize("host", ["www.zaobao.com", "zaobao.com", "zaobao.com.sg", "dss0.zbstatic5.com"])
    def test_one_name_for_the_store(self, host):
        assert canonical(f"https://{host}/s3fs-public/a.jpg?x=/s3/files/") == f"{STORE}a.jpg?x=/s3/files/"

    @pytest.mark.parametrize(
        "address", ["https://a.example/s3/files/a.jpg", "http://zaobao.com.example/s3fs-public/a.jpg"]
    )
    def test_other_hosts_stay(self, address):
        assert canonical(address) == address

    def test_other_hosts_have_other_pictures(self):
        assert same_picture_key("https://a.example/1?a") != same_picture_key("https://a.example/1?b")
        assert same_picture_key("https://a.example/1.jpg") != same_picture_key("https://b.example/1.jpg")

    def test_of_a_post(self):
        line = '<figure><img src="https://a.example/1.jpg?a&amp;b" alt=""></figure>'
        assert post_pictures(["<p>一</p>", line, line]) == ["https://a.example/1.jpg?a&b"] * 2


class TestEmbeds:
    @pytest.mark.parametrize(
        ("html", "count"),
        [
            ('<div class="media_embed"><iframe src="https://www.youtube.com/embed/x"></iframe></div>', 1),
            ('<div class="media_embed"><blockquote class="twitter-tweet"><p>词</p></blockquote></div>', 1),
            ('<div class="fb-post"><blockquote class="fb-xfbml-parse-ignore">词</blockquote></div>', 1),
            ('<div class="oembed x"><a>题</a><iframe src="//a.example/"></iframe></div>', 1),
            ('<video-js data-video-id="1"></video-js>', 1),
            ('<video><source src="https://a.example/1.mp4"></video>', 1),
            ('<p><a href="https://a.example/">https://a.example/</a></p>', 1),
            ('<div class="paragraph--type--brightcove"></div>', 0),
            ('<video-js></video-js><iframe src=""></iframe><blockquote>引文</blockquote>', 0),
            ('<section id="imu"><iframe src="https://a.example/"></iframe></section>', 0),
        ],
    )
    def test_count(self, html, count):
        assert expected_embeds(f"<p>一</p>{html}") == count

    def test_lines(self):
        embed = '<p><a href="https://a.example/">https://a.example/</a></p>'
        other = [
            '<p><a href="https://a.example/">题</a></p>',
            '<p>见<a href="https://a.example/">https://a.example/</a></p>',
        ]
        assert embed_lines([embed, *other]) == [embed]


class TestStructure:
    @pytest.mark.parametrize(
        ("kind", "html", "words"),
        [
            ("strong", "<p><b>一 </b>二<strong>三</strong></p>", "一三"),
            ("em", "<p><i>一</i>二</p>", "一"),
            ("h2", "<h1>一</h1><h2>二</h2><h3>三</h3>", "一二"),
            ("h4", "<h5>一</h5><h6>二</h6>", "一二"),
            ("li", "<ul><li>一<ul><li>二</li></ul></li></ul>", "一二"),
            ("td", f"{IMU}<table><tr><td>一</td><td>二</td></tr></table>", "一二"),
            ("strong", f"<p><strong>延伸阅读</strong></p><p><a href='{STORY}'>甲</a></p>", ""),
        ],
    )
    def test_words_in_elements_of_a_kind(self, kind, html, words):
        assert source_words_in(kind, html) == words

    def test_a_lost_emphasis_is_seen(self):
        assert post_words_in("strong", ["<p><strong>一</strong></p>", "<p><strong>二</strong></p>"]) == "一二"
        assert post_words_in("strong", ["<p>一</p>"]) == ""

    def test_links_of_a_source(self):
        hrefs = [
            "/a",
            "//b.example/",
            "http://c.example/?x=1&amp;y",
            "javascript:;",
            "mailto:d@example.com",
            "",
            "#f",
            "http://[e",
        ]
        html = "".join(f"<p>字<a href='{href}'>{n} </a></p>" for n, href in enumerate(hrefs))
        assert expected_links(f"{html}<a name='x'>字</a>{IMU}") == [
            ("https://www.zaobao.com/a", "0"),
            ("https://b.example/", "1"),
            ("http://c.example/?x=1&y", "2"),
        ]

    def test_a_link_in_two_parts_is_one_link_and_links_do_not_nest(self):
        halves = ['<p><a href="https://a.example/">一</a></p>', '<p><a href="https://a.example/">二</a></p>']
        assert post_links(halves) == expected_links('<a href="https://a.example/">一<br><br>二</a>')
        assert expected_links('<p><a href="/a">一<a href="/b">二</a></a></p>') == [
            ("https://www.zaobao.com/a", "一"),
            ("https://www.zaobao.com/b", "二"),
        ]

    def test_links_of_a_post(self):
        embed = '<p><a href="https://a.example/">https://a.example/</a></p>'
        link = '<p>字<a href="https://a.example/b">甲</a></p>'
        assert post_links([embed, link]) == [("https://a.example/b", "甲")]

    def test_places(self):
        figure, line, words = f"<figure>{IMG}</figure>", "<hr>", "<p>一二 三</p>"
        assert source_places(f"{figure}{IMU}{words}{line}{figure}") == post_places([figure, words, line])
        assert post_places([figure, words, line]) == [("https://a.example/1.jpg", 0), ("hr", 3)]
        assert post_places([words, figure, line]) != post_places([figure, words, line])


class TestReal:
    def test_nothing_where_the_folder_is_missing(self, tmp_path):
        assert real_bodies(tmp_path) == []
        assert seed_body(tmp_path) is None

    def test_posts_and_feeds(self, tmp_path):
        head = f'---\ntitle: "题"\nfrom: {STORY}\n---\n<!--NaN-->\n[题]({STORY})\n------\n\n'
        post = f"{head}<div>\n<p>一</p>\n</div>\n"
        item = {"title": "题二", "link": STORY, "content": "<p>二</p>"}
        for folder, name, text in (
            ("sg-drupal-2020", "a.md", post),
            ("sg-drupal-2021", "b.json", json.dumps(item)),
            ("sg-drupal-2021", "c.json", json.dumps({"items": [item]})),
        ):
            (tmp_path / "real-pages" / folder).mkdir(parents=True, exist_ok=True)
            (tmp_path / "real-pages" / folder / name).write_text(text, encoding="utf-8")
        bodies = real_bodies(tmp_path)
        assert [body.name for body in bodies] == [
            "sg-drupal-2020/a",
            "sg-drupal-2021/b",
            "sg-drupal-2021/c#1",
        ]
        assert (bodies[0].title, bodies[0].url, bodies[0].html) == ("题", STORY, "<p>一</p>")
        assert (bodies[2].title, bodies[2].url, bodies[2].html) == ("题二", STORY, "<p>二</p>")

    def test_a_body_keeps_its_inner_wrappers(self):
        assert body_of_post("x\n------\n\n<div>\n<div><p>一</p></div>\n</div>\n") == "<div><p>一</p></div>"
