"""The paywall after the first paragraphs of a subscribers' story (site-layouts, section 8)."""

from __future__ import annotations

from dataclasses import dataclass

from zbcrawler.replica.editions import EditionName

_SUBSCRIBE = (
    "https://subscribe.sph.com.sg/zh/promotions/zbpe-3-months-99-cents-promotion/?utm_source=paywall-zb"
    "&amp;utm_content=subscribelink-pay-endofarticle"
)
_MARKERS: dict[EditionName, str] = {
    # Only the sentences of this era are known, not the boxes around them.
    "drupal7": '<div class="premium-note"><p>此文章为早报订户专享内容</p></div>',
    "drupal": (
        f'<div class="article-microtransaction">\n        <div class="cta-subscribe">请<a href="{_SUBSCRIBE}"'
        ' target="_blank"><span class="link link-underline">订阅</span></a>或<span href="javascript:;"'
        ' onclick="_mySPHObj.openLogin()" id="paywall-login" class="link link-underline">登录</span>'
        "，以继续阅读全文！<ul><li>独家新闻、人物专访</li><li>重大新闻事件的幕后故事</li><li>记者侧记</li></ul>"
        "<button>查看新订户优惠</button></div>  </div>\n"
        "<style>.cta-subscribe {display:none;\n    line-height: 1.4em;}</style>\n"
        '<div class="cx_paywall_placeholder" id="sph_cdp_40"></div>'
    ),
    # The text of a cut React page just ends. The mark stands behind the headline: see ``react.py``.
    "react": "",
    "mainland": f'<div class="paywall-message"><p><a href="{_SUBSCRIBE}">请订阅或登录，以继续阅读全文</a></p></div>',
    "astro": '<div class="premium-note"><p>此文章为付费文章，会员请访问网站阅读。</p></div>',
}


@dataclass(frozen=True)
class Paywall:
    """The block at the end of a cut text, in the form of each edition."""

    def page(self, edition: EditionName) -> str:
        return _MARKERS[edition]

    def post(self, edition: EditionName) -> list[str]:
        return []
