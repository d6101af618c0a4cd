import pytest
from lxml.html import builder

from zbcrawler.cleaning import links
from zbcrawler.common.markup import parse_fragment

STORE = "https://static.zaobao.com/s3fs-public/"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://example.org/a?b=c&d#e", "https://example.org/a?b=c&d#e"),
        ("/news/china", "https://www.zaobao.com/news/china"),
        ("//example.org/a", "https://example.org/a"),
        (" https://example.org/a b ", "https://example.org/a%20b"),
        ("https://example.org/\n新闻", "https://example.org/新闻"),
        ('https://example.org/"><x>', "https://example.org/%22%3E%3Cx%3E"),
        ("HTTPS://example.org/", "https://example.org/"),
        ("javascript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("\x01javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("mailto:someone@example.org", None),
        ("vbscript:x", None),
        ("#top", None),
        ("", None),
        (None, None),
        ("http://", None),
        ("http://[", None),
        ("http://example.org:port/", None),
        ("http://of two words.example/a", None),
        ("http://a%20b.example/", None),
        ("http://例子.example/路", "http://例子.example/路"),
    ],
)
def test_links(given, expected):
    assert links.absolute(given) == expected


def test_the_address_of_a_replica_is_never_shown():
    origin = "http://127.0.0.1:8000"
    assert links.absolute(origin + "/news/china", origin) == "https://www.zaobao.com/news/china"
    assert links.absolute("https://www.zaobao.com.sg/x", "https://www.zaobao.com.sg") == "https://www.zaobao.com.sg/x"


def address(html):
    return links.picture_address(parse_fragment(html)[0])


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<img src="https://static.zaobao.com/s3fs-public/a.jpg?v&itok=t">', STORE + "a.jpg?v&itok=t"),
        ('<img src="/s3/files/styles/x/public/a.jpg">', STORE + "styles/x/public/a.jpg"),
        ('<img src="https://www.zaobao.com.sg/s3/files/a.jpg?itok=t">', STORE + "a.jpg?itok=t"),
        ('<img src="https://dss0.zbstatic5.com/s3fs-public/articles/a.jpg">', STORE + "articles/a.jpg"),
        ('<img src="/s3fs-public/a.jpg">', STORE + "a.jpg"),
        ('<img src="https://example.org/s3fs-public/a.jpg">', "https://example.org/s3fs-public/a.jpg"),
        ('<img src="/sites/default/files/a.jpg">', "https://www.zaobao.com/sites/default/files/a.jpg"),
        ('<img data-src="/s3/files/a.jpg">', STORE + "a.jpg"),
        ('<img src="" data-src="/s3/files/a.jpg">', STORE + "a.jpg"),
        ('<img src="data:image/gif;base64,R0lGOD" data-src="/s3/files/a.jpg">', STORE + "a.jpg"),
        ('<img src="/realtime/china/undefined" data-src="/s3/files/a.jpg">', STORE + "a.jpg"),
        ('<img src="/themes/placeholder.png" data-src="/s3/files/a.jpg">', STORE + "a.jpg"),
        ('<img src="/_web2/assets/social-share.png">', None),
        ('<img src="https://dss0.zbstatic5.com/web2/_astro/pic-default.B1x.png">', None),
        ('<img src="/realtime/china/undefined">', None),
        ('<img src="/s3/files/2021-05/blank.png">', STORE + "2021-05/blank.png"),
        ("<img>", None),
        ('<img src="https://example.org/pixel-phone.jpg">', "https://example.org/pixel-phone.jpg"),
        ('<img src="https://example.org/loading.gif" data-lazy-src="/s3/files/a.jpg">', STORE + "a.jpg"),
        ('<img srcset="\n https://example.org/a.jpg\n 640w">', "https://example.org/a.jpg"),
        (
            '<picture><source data-srcset="/s3/files/small.jpg 1x, /s3/files/big.jpg 2x"><img></picture>',
            STORE + "big.jpg",
        ),
        ('<img srcset="https://example.org/a.jpg 640w">', "https://example.org/a.jpg"),
        ('<img srcset="/s3/files/a.jpg 390w,/s3/files/b.jpg?x=1,2 784w, /s3/files/c.jpg 90w">', STORE + "b.jpg?x=1,2"),
        ('<img srcset="/s3/files/a.jpg, /s3/files/b.jpg">', STORE + "a.jpg"),
    ],
)
def test_pictures(html, expected):
    assert address(html) == expected


def test_one_picture_in_several_sizes_and_places():
    keys = {
        links.picture_key(found)
        for found in (
            STORE + "styles/article_large_full/public/2021-05/a.jpg?v1",
            STORE + "2021-05/a.jpg?v2",
            "https://www.zaobao.com.sg/sites/default/files/styles/x/public/2021-05/a.jpg",
        )
    }
    assert keys == {"2021-05/a.jpg"}
    assert links.picture_key(STORE + "a%20%28b%29.jpg") == links.picture_key(STORE + "a%20(b).jpg")
    hashed = "https://cassette.sphdigital.com.sg/image/zaobao/0a1b"
    assert links.picture_key(hashed + "?f=webp&o=zbimg") == links.picture_key(hashed)
    assert links.picture_key("https://example.org/i?id=1") != links.picture_key("https://example.org/i?id=2")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<iframe src="//www.youtube.com/embed/x"></iframe>', "https://www.youtube.com/embed/x"),
        (
            '<iframe src="//cdn.embedly.com/widgets/media.html?src=a&url=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3Dx"></iframe>',
            "https://www.youtube.com/watch?v=x",
        ),
        (
            '<iframe src="https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Fwww.facebook.com%2Fa%2Fvideos%2F1%2F"></iframe>',
            "https://www.facebook.com/a/videos/1/",
        ),
        (
            '<video-js data-account="48" data-video-id="63"></video-js>',
            "https://players.brightcove.net/48/default_default/index.html?videoId=63",
        ),
        ('<video><source src="https://example.org/a.mp4"></video>', "https://example.org/a.mp4"),
        ('<iframe src="javascript:x"></iframe>', None),
    ],
)
def test_embeds(html, expected):
    assert links.embed_address(parse_fragment(html)[0]) == expected


@pytest.mark.parametrize(
    ("srcset", "largest"),
    [
        ("/a.jpg 390w, /b.jpg 784w", "b"),
        ("/b.jpg 784w,/a.jpg 390w", "b"),
        ("/a.jpg, /b.jpg 2x", "b"),
        ("/b.jpg 1.5x, /a.jpg", "b"),
        ("/b.jpg", "b"),
        (" , /b.jpg 2x ,", "b"),
        ("/b.jpg 100h, /a.jpg 0.5x", "b"),
    ],
)
def test_the_largest_source_of_a_srcset(srcset, largest):
    assert links.picture_address(builder.E.img(srcset=srcset)) == f"https://www.zaobao.com/{largest}.jpg"


@pytest.mark.parametrize("srcset", ["", " ", "," * 60_000, " ," * 30_000])
def test_a_srcset_without_an_address(srcset):
    assert links.picture_address(builder.E.img(srcset=srcset)) is None
