"""Pages made to do harm give a safe post with the words of the story, or a clear refusal."""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import suppress

import pytest
from scrapy.exceptions import DropItem
from support.programs import needs

from hostile.judging import faults_of
from hostile.pages import BUILDERS, page_of, post_of
from zbcrawler.common.errors import ZbcrawlerError

every_edition = pytest.mark.parametrize("builder", BUILDERS)

BEFORE, AFTER = "<p>前面的字。</p>", "<p>后面的字。</p>"

# By name: the markup between two honest paragraphs.
BODIES = {
    "script": "<script>alert(1)</script><SCRIPT SRC=//e.example/x.js></SCRIPT>",
    "script in pieces": "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "style": "<style>p{background:url(javascript:alert(1))}</style>",
    "handlers": '<p onclick="alert(1)" onmouseover=alert(2)>字</p><img src=/s3/files/a.jpg onerror=alert(1)><body onload=alert(1)>',
    "javascript links": '<a href="javascript:alert(1)">甲</a><a href=" java\tscript&colon;alert(1)">乙</a>'
    '<a href="&#106;avascript:alert(1)">丙</a><a href="JaVaScRiPt:alert(1)">丁</a><a href="vbscript:x">戊</a>',
    "data links": '<a href="data:text/html,<script>alert(1)</script>">甲</a><img src="data:image/svg+xml,<svg onload=alert(1)>">',
    "frames": '<iframe src="javascript:alert(1)"></iframe><iframe srcdoc="<script>alert(1)</script>"></iframe><embed src="data:x">',
    "srcset": '<img srcset="javascript:alert(1) 1x, data:x 2x"><picture><source srcset="javascript:alert(1)"></picture>',
    "svg": '<svg><script>alert(1)</script><a xlink:href="javascript:alert(1)"><text>字</text></a><foreignObject><p>x</p></foreignObject></svg>',
    "math": "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "object": '<object data="javascript:alert(1)"><param name=src value=x></object><applet code=x></applet>',
    "base and meta": '<base href="https://evil.example/"><meta http-equiv=refresh content="0;url=//evil.example"><a href="/realtime/x">甲</a>',
    "form": '<form action="https://evil.example"><input name=q value=x><button formaction="javascript:alert(1)">字</button></form>',
    "comment that is open": "<p>字</p><!-- <p>--!> <!--->",
    "cdata": "<![CDATA[<script>alert(1)</script>]]><?php echo 1 ?>",
    "raw text": "<xmp><script>alert(1)</script></xmp><noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "textarea and title": "<textarea></p><script>alert(1)</script></textarea><title><img src=x onerror=alert(1)></title>",
    "quotes that are open": '<a href="https://e.example/ title="x>字</a><p class=">字</p>',
    "nested links": '<a href="https://a.example">甲<a href="https://b.example">乙</a></a>',
    "tables in tables": "<table><p>外</p><tr><script>alert(1)</script><td>内<table><td>深</table></table>",
    "page in the page": "</div></article></body></html><html><body onload=alert(1)><p>字</p><div><article>",
    "controls": "<p>a\x00b\x01c\x1b[31m\x7fd\x85e\x9ff</p>",
    "bidi and zero width": "<p>甲\u202e乙\u2066丙\u200b丁\u2060戊\ufeff己\u200e</p>",
    "references": "<p>&#0;&#x1;&#xD800;&#x110000;&#99999999999;&#xFFFE;&#x202E;&bogus;&#</p>",
    "noncharacters": "<p>\ufdd0\ufffe\U0001ffff字</p>",
    "liquid": "<p>{{ site.title }} {% raw %} {%- endraw -%} {% include x %} {{'{{'}}</p><a href='https://e.example/{{x}}'>{{</a>",
    "liquid in a picture": '<figure><img src="/s3/files/{{x}}.jpg" alt="{% raw %}"><figcaption>{{ y }}</figcaption></figure>',
    "front matter": "<p>---</p>\n---\nlayout: evil\n---\n<pre>---\ntitle: x\n---</pre><p>title: x</p>",
    "comment in text": "<p>&lt;!-- x --&gt; --&gt; &lt;script&gt;</p><p title='-->'>字</p>",
    "markdown": "<p># 一 * 二 _三_ `四` [五](六) ~~~</p><p>* * *</p><p>    code</p>",
    "escape in attributes": "<a href='https://e.example/\"><script>alert(1)</script>'>字</a><img src=/s3/files/a.jpg alt='\"><script>'>",
    "strange addresses": '<a href="http://[::1">甲</a><a href="https://user:pw@evil.example:99999/">乙</a><a href="//">丙</a><a href="\\\\evil">丁</a>',
    "file and other schemes": '<a href="file:///etc/passwd">甲</a><a href="ftp://x">乙</a><a href="mailto:a@b">丙</a><a href="blob:x">丁</a>',
    "styles that hide": '<p style="display:none">藏</p><span hidden>字</span><details><summary>摘</summary>文</details>',
    "custom elements": "<x-evil onclick=1>字</x-evil><slot>字</slot><dialog open>x</dialog>",
}

# These stay open to the end of the page, so that they contain the text behind them, as in a browser.
SWALLOW = {"math", "comment that is open", "quotes that are open", "page in the page", "raw text"}

TITLES = {
    "yaml": '"标题": # - [x] {y} & *z | > \' % @ `',
    "lines": "甲\n---\nlayout: evil\r\n乙\u2028丙\u0085丁",
    "markup": "<script>alert(1)</script> <b>粗</b> &amp; &lt;",
    "liquid": "{{ site.title }} {% raw %} {% endraw %}",
    "markdown": "](javascript:alert(1)) [x](y) ![z](w) *a* _b_ `c` \\",
    "controls": "甲\x00乙\x1b[31m丙\u202e丁\u200b戊\ufeff己",
    "numbers": "2026-01-31",
    "yes": "yes",
    "comment": "--> <!-- x",
    "long": "标题" * 50_000,
    "surrogate": "甲\ud800乙",
}


def safe_post(data: bytes, content_type: str = "text/html") -> str:
    post = post_of(data, content_type)
    assert faults_of(post) == []
    return post.decode("utf-8")


@every_edition
@pytest.mark.parametrize("attack", BODIES)
def test_bodies(builder, attack):
    page = page_of(builder, "标题", BEFORE + BODIES[attack] + AFTER)
    post = safe_post(page.encode("utf-8", "surrogatepass"))
    assert BEFORE in post
    assert "evil.example/realtime" not in post
    if attack not in SWALLOW:
        assert AFTER in post


@every_edition
@pytest.mark.parametrize("attack", TITLES)
def test_titles(builder, attack):
    page = page_of(builder, TITLES[attack], BEFORE)
    safe_post(page.encode("utf-8", "replace"))


LABELS = [
    "text/html; charset=gbk",
    "text/html; charset=iso-8859-1",
    "text/html; charset=utf-16",
    "text/html; charset=x-nonsense",
    "text/html",
]


@every_edition
@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_wrong_labels_of_utf_8(builder, label, mark):
    data = page_of(builder, "标题“引号”", BEFORE).replace("<head>", '<head><meta charset="gb2312">').encode("utf-8")
    post = safe_post(mark + data, label)
    assert "标题“引号”" in post
    assert BEFORE in post


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("charset", ["gbk", "gb18030"])
@pytest.mark.parametrize("builder", ["drupal7", "drupal", "astro"])
def test_gbk_whatever_it_is_called(builder, label, charset):
    data = page_of(builder, "标题“引号”", BEFORE).encode(charset)
    assert BEFORE in safe_post(data, label)


@every_edition
def test_bytes_that_are_no_text(builder):
    data = (
        page_of(builder, "标题", BEFORE + "<p>坏BAD字</p>" + AFTER).encode("utf-8").replace(b"BAD", b"\xff\xfe\xc3\x28")
    )
    post = safe_post(data)
    assert BEFORE in post
    assert AFTER in post


WRONG = ["null", "[]", "3", '"x"', "{}", '{"a":', "[" * 5000, "{" * 5000, '{"a":' * 5000]
PATHS = [
    "{}",
    '{{"loaderData":{}}}',
    '{{"loaderData":{{"0-0":{}}}}}',
    '{{"loaderData":{{"0-0":{{"context":{{"payload":{{"article":{}}}}}}}}}}}',
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda text: text[:9])
@pytest.mark.parametrize("path", PATHS, ids=len)
def test_data_of_wrong_kinds_is_refused(path, wrong):
    literal = json.dumps(path.format(wrong))
    page = f"<script>window.__staticRouterHydrationData = JSON.parse({literal});</script>"
    with pytest.raises((ZbcrawlerError, DropItem), match=r"zaobao\.com"):
        post_of(page.encode())


FIELDS = ["headline", "create_time", "body_cn", "images", "tags", "update_time", "byline"]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    "value", [None, 0, -1, 1e300, True, [], {}, [None, {"url": 3}], {"url": []}, "", "\ud800", "<p>字</p>"], ids=repr
)
def test_fields_of_wrong_kinds(field, value):
    article = {"headline": "标题", "create_time": 1769819400, "body_cn": BEFORE, field: value}
    data = {"loaderData": {"0-0": {"context": {"payload": {"article": article}}}}}
    page = f"<script>window.__staticRouterHydrationData = JSON.parse({json.dumps(json.dumps(data))});</script>"
    with suppress(ZbcrawlerError, DropItem):
        safe_post(page.encode())


def test_jekyll_builds_all_of_them_and_runs_nothing(tmp_path):
    jekyll = needs("jekyll")
    source, site = tmp_path / "archive", tmp_path / "site"
    (source / "_posts").mkdir(parents=True)
    (source / "_layouts").mkdir()
    (source / "_config.yml").write_text("title: SITE\npermalink: /:title.html\n")
    (source / "_layouts" / "post.html").write_text("<h1>{{ page.title | escape }}</h1>\n{{ content }}")
    attacks = [("标题", BEFORE + body + AFTER) for body in BODIES.values()] + [
        (title, BEFORE) for title in TITLES.values()
    ]
    for number, (title, body) in enumerate(attacks):
        post = post_of(page_of("drupal", title, body).encode("utf-8", "replace"))
        (source / "_posts" / f"2026-01-31-{number}.md").write_bytes(post)
    built = subprocess.run(
        [jekyll, "build", "--source", source, "--destination", site, "--strict_front_matter"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    pages = list(site.glob("*.html"))
    assert len(pages) == len(attacks)
    for page in pages:
        text = page.read_text("utf-8")
        assert not re.search(
            r"<(?:script|iframe|svg|object|style|form)\b|<[^>]*\son\w+\s*=|(?:href|src)=\"(?:javascript|data):",
            text,
            re.IGNORECASE,
        )
        assert "SITE" not in text
