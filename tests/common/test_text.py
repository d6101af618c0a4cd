from zbcrawler.common import text


def test_white_space_folds_and_the_full_width_blank_stays():
    assert text.fold("a\u00a0 \t\n b\u3000c\u2003\u2028d") == "a b\u3000c d"


def test_invisible_characters_go_and_the_joiner_of_emoji_stays():
    assert text.fold("零\u200b宽\ufeff\u2060\u202e字\x00\x1b符\ud800👨\u200d👩") == "零宽字符👨\u200d👩"


def test_a_headline_is_one_visible_line():
    assert text.one_line("\u3000 两\u200d段\u3000 \n标题\u00ad\u200c\x07 ") == "两段 标题"


def test_escapes():
    assert text.escape("a<b>&{{ x }}\"'") == "a&lt;b&gt;&amp;&#123;&#123; x &#125;&#125;\"'"
    assert text.escape_attribute('"{&') == "&quot;&#123;&amp;"
