import pytest

from zbcrawler.replica.pieces import children_of, first_third, is_element, written


@pytest.mark.parametrize(
    "html",
    [
        "<p>甲<b>乙</b>丙</p>",
        '<p class="a &quot;b&quot;">&lt;甲&gt; &amp; 乙&nbsp;</p>',
        '<div><img src="https://example.org/图 {1}.jpg?a=1&amp;b=2" alt=""><br></div>',
        "<style>a > b {c: d}</style>",
        "<!-- 备注 -->",
        "<pre>一\n二</pre>",
    ],
)
def test_a_child_is_written_as_it_was(html):
    start, (child,) = children_of(html)
    assert start == ""
    assert written(child) == html


def test_what_libxml2_nests_is_not_lost():
    _, (child,) = children_of('<picture><source srcset="a 1x"><img src="b"></picture>')
    assert [one.get("src") for one in children_of(written(child))[1][0].iter("img")] == ["b"]


def test_children_and_the_text_between_them():
    start, children = children_of("甲<p>乙</p>丙<!-- 丁 -->戊<hr>")
    assert start == "甲"
    assert [(is_element(one), one.tail) for one in children] == [(True, "丙"), (False, "戊"), (True, None)]


def test_the_first_third_is_at_least_one_child():
    assert first_third("甲<p>乙</p>丙<p>丁</p>") == "甲<p>乙</p>丙"
    assert first_third("<p>1</p><p>2</p><p>3</p><p>4</p><p>5</p><p>6</p>") == "<p>1</p><p>2</p>"
    assert first_third("甲") == "甲"
