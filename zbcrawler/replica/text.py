"""Invented news text: people, places and events that do not exist. The same seed gives the same text."""

from __future__ import annotations

import random
from string import Formatter

PLACES = (
    "东屿市 南岚国 北澜共和国 青岬港 云泊镇 望汐岛 石榴湾 银杏区 白鹭洲 杉溪县 长汀半岛 金桂城 赤沙群岛 松鹤邦 柳堤新区"
).split()
PEOPLE = (
    "林若海 许安澜 白见川 沈知柚 顾南汀 罗以宁 宋鹿鸣 叶听舟 何青屿 阮小满 唐闻笛 纪云开 马苏亚 伊兰·朵莫 卡罗·维恩"
).split()
BODIES = (
    "港务局 气象台 博物馆 环境署 消防总队 轮渡公司 自来水公司 图书馆 "
    "植物园 统计处 地铁公司 教育厅 渔业协会 电力公司 天文台 海洋大学"
).split()
THINGS = (
    "跨湾大桥 夜间渡轮 雨水花园 旧灯塔 太阳能路灯 社区食堂 无人巴士 "
    "纸本地图 海藻养殖场 候鸟保护区 地铁环线 青年合唱团 电子公告栏 百年榕树"
).split()
EVENTS = (
    "恢复开放 延后启用 通过安全检查 获选年度公共设计 因大雾停运三小时 "
    "首次对外展出 进入最后测试 使用量创新高 征求居民意见 下月起调整收费"
).split()

_HEADLINES = (
    "{place}{thing}{event}",
    "{place}{body}：{thing}{event}",
    "{person}：{thing}不会搬迁",
    "{place}下周迎来雨季 {body}吁居民提早出门",
    "{body}公布调查 {percent}受访者支持{thing}",
    "{place}与{place2}签署备忘录 合建{thing}",
    "{thing}{event} {body}发言人致歉",
    "{person}获颁{place}文化奖 称“是大家的功劳”",
    "{place}展出《{thing}手记》 原稿首次公开",
    "{place}凌晨有感地震 {body}：无人受伤",
    "分析：{place}人口回流  料带动{thing}发展",
    "{body}更正 称{thing}“并非关闭而是检修”",
    "{count}名学生完成环岛接力 {person}：明年再来",
)
_PREFIXES = ("下午察：", "消息：", "【图集】", "【视频】")

# These break YAML, Markdown, Liquid, HTML or a shell if a title is not escaped.
_AWKWARD_HEADLINES = (
    '{place}“{thing}”与 "{thing}" 之争',
    "{body}网站误现 {{{{ title }}}} 字样",
    "{place}{thing}--- 开通首日见闻",
    "#{thing}# 成{place}热搜 {count}人转发",
    "{body}星级评定：{thing}获 5* 评价",
    "[更新] {place}{thing}{event}",
    "{place}路牌写成 A|B 网民：看不懂",
    "{body}误发 C:\\temp\\new 路径 已撤下",
    "{place}海报印上 <b>{thing}</b> 字样",
    "{place}{thing}{event} 网民直呼😮",
    "{place}消防员👩‍🚒与小狗重逢 {person}：圆满",
    "{body}：票价 $2 & 以下免收 `手续费`",
    "{place}气温: 零下 5 度 {body}发预警",
    "__{thing}__ 改名 {person}：~~不同意~~",
    "- {place}{thing}{event}",
    "{body}称 &amp; 是排版错误 !不影响内容",
)

_SENTENCES = (
    "{body}在{day}发表的声明中说，{thing}的检修工作比原定计划提前{count}天完成。",
    "负责人{person}受访时指出：“我们先听居民怎么说，再决定要不要改。”",
    "据《{place}晚报》报道，这项计划耗资约{money}，由{body}与{place}共同承担。",
    "现场记者看到，{place}一早就有居民排队，队伍绕过{thing}，一直延伸到码头。",
    "{person}说，{place}过去三年共种下{count}棵树，成活率约{percent}。",
    "不过，也有居民担心{thing}会带来噪音，希望当局在夜间十时后停止作业。",
    "{body}的数据显示，上个季度的使用人次同比增加{percent}，其中近半是首次使用者。",
    "这是{place}十年来第一次举办同类活动，参加者来自{place2}等{small}个地方。",
    "{place2}方面随后回应称，双方“仍在讨论细节”，目前没有可以公布的时间表。",
    "《{thing}手记》的作者{person}认为，这类设施的价值不在于新，而在于有人照看。",
    "按照安排，第一阶段工程将在年底前完成，第二阶段视{body}的评估结果而定。",
    "为了方便年长者，{body}把说明书的字号放大，并在入口处加设了{small}张长椅。",
    "{day}下午，{place}下起大雨，活动一度中断，约{count}分钟后恢复。",
    "学者{person}分析，{place}的经验未必适用于{place2}，因为两地的地形和人口结构都不相同。",
    "{body}吁请公众不要轻信网上流传的消息，一切以当局公布的为准。",
    "{place}目前没有人员受伤的报告。",
    "{body}仍在调查。",
    "{person}笑着说，最难的不是开始，而是“每天都记得浇水”。",
)

# The same for paragraphs. U+3000, U+00A0 and U+200B occur in real bodies too.
_AWKWARD_SENTENCES = (
    "告示牌上只写着“{{{{ site.title }}}}”，工程师说那是模板没有填好。",
    "程序员在留言里写道：{{% raw %}} 之后就没有下文了。",
    "--- 以下为{body}声明摘要 ---",
    "声明说，A & B 两组的差距 < 5 个百分点，远少于 > 10 的预期。",
    "　　{person}补充，名单　共三页，以附件为准。　",
    "气温约\u00a025\u00a0度，湿度\u00a0\u00a080%。",
    "网民留言说：“太好了🎉”，并附上一家人👨‍👩‍👧的合照。",
    "这段话里有零宽\u200b字符，是从别处\ufeff贴来的。",
    '她在黑板上写下 print("好"); 然后请学生念一遍。',
    "网页把符号显示成 &amp; 和 &lt;，{body}说已修复。",
    "# 不是标题，* 也不是列表，_ 更不是斜体。",
    "路径 C:\\temp 与 `code` 都只是例子，[链接](无) 也是。",
)

_DAYS = "星期一 星期二 星期三 星期四 星期五 星期六 星期天".split()


def generator(seed: int, key: str) -> random.Random:
    """Return a separate random generator for one thing, so that its text does not depend on what was made before."""
    return random.Random(f"{seed}/{key}")


def headline(rng: random.Random) -> str:
    """Return a headline of 7 to 33 characters. One in eight holds characters that break careless code."""
    while True:
        template = rng.choice(_AWKWARD_HEADLINES if rng.random() < 0.125 else _HEADLINES)
        title = _fill(template, rng)
        if rng.random() < 0.1:
            title = rng.choice(_PREFIXES) + title
        if 7 <= len(title) <= 33:
            return title


def paragraph(rng: random.Random) -> str:
    """Return a paragraph of one to five sentences. One in ten ends with an awkward sentence."""
    count = rng.choice((1, 1, 2, 2, 3, 3, 4, 5))
    sentences = [_fill(template, rng) for template in rng.sample(_SENTENCES, count)]
    if rng.random() < 0.1:
        sentences.append(_fill(rng.choice(_AWKWARD_SENTENCES), rng))
    return "".join(sentences)


def awkward_paragraphs(rng: random.Random) -> list[str]:
    """Return one paragraph for each awkward sentence."""
    return [_fill(template, rng) for template in _AWKWARD_SENTENCES]


def subheading(rng: random.Random) -> str:
    """Return a sub-heading of a few characters."""
    return _fill(rng.choice(("{thing}何去何从？", "{place}的经验", "{person}：慢慢来", "下一步")), rng)


def caption(rng: random.Random) -> str:
    """Return a picture's caption with its credit."""
    return _fill(rng.choice(("{place}{thing}一景。（{person}摄）", "居民在{thing}前合影。（{body}提供）")), rng)


def _fill(template: str, rng: random.Random) -> str:
    place, place2 = rng.sample(PLACES, 2)
    values = {
        "place": place,
        "place2": place2,
        "person": rng.choice(PEOPLE),
        "body": rng.choice(BODIES),
        "thing": rng.choice(THINGS),
        "event": rng.choice(EVENTS),
        "day": rng.choice(_DAYS),
        "count": rng.randint(11, 980),
        "small": rng.randint(3, 9),
        "percent": f"{rng.randint(12, 96)}%",
        "money": f"{rng.randint(2, 90)}万元",
    }
    return Formatter().vformat(template, (), values)
