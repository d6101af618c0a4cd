"""Find the noise in a body: single elements by the rules, then noise that only its surroundings show.

The words of a heading of related stories (site-layouts 3.4, 4.2 and 7a) prove nothing: they may be part of a sentence,
or stand above a paragraph. A heading is a line of its own. It is dropped with its links if only links follow, or
nothing; adverts, empty paragraphs and the links' pictures may stand between.
"""

from collections.abc import Callable, Iterable, Mapping

from lxml.etree import tostring
from lxml.html import HtmlElement

from zbcrawler.cleaning.noise import LooseText, Noise, is_link
from zbcrawler.cleaning.noise_rules import BY_NAME, BY_SENTENCE, BY_TAG, RELATED_HEADINGS, Rule, rule_for, rule_of_words
from zbcrawler.common.text import letters

_KEYWORD_LINK = "/keywords/"

# Every heading and every sentence of the rules has one of these in one piece.
_CLUES = tuple("阅 订户专享 VIP会员 面簿 热词 关键词 谷歌新闻 立即购买 商品均由 modal VIDEO_CLOUD_ERR".split(" "))
# A new sentence needs no clue: its first letter is one.
_CLUES += tuple({words[0] for words in BY_SENTENCE if not any(clue in words for clue in _CLUES)})

_INLINE = frozenset("a b strong i em u span font sub sup".split())
_IN_A_LINE = _INLINE | {"br"}
_SENTENCE_ENDS = ("。", "！", "？")
_CONTAINERS = frozenset("div section article main aside html body td blockquote figure".split())
_WRAPPERS = frozenset("div section article main center".split())
# Elements that a post keeps: a heading at the end of one does not belong to what follows the element.
_KEPT = frozenset("blockquote ul ol li table caption thead tbody tfoot tr td th figcaption pre".split())


def find_noise(roots: Iterable[HtmlElement], known: Mapping[HtmlElement, Rule]) -> Noise:
    """Return the noise in a body, with what is known; raise BodyError if that takes more steps than any real body."""
    noise = Noise(known)
    for root in roots:
        for element in noise.elements_of(root):
            # Most elements have a harmless name and no attribute at all.
            if (element.tag in BY_TAG or element.keys()) and (rule := rule_for(element)):
                noise[element] = rule
        _add_boxes(noise, root)
        # Backwards: for a heading above another heading, the lower heading and its links are noise already.
        content: str = tostring(root, method="text", encoding="unicode", with_tail=False)
        clues = [clue for clue in _CLUES if clue in content]
        for loose in reversed(_texts_of(root, *clues) if clues else []):
            _add_sentence(noise, root, loose, rule_of_words)
            _add_keywords(noise, root, loose)
            _add_related(noise, root, loose)
        for rule in {rule.name: rule for rule in noise.values() if rule.companions}.values():
            for loose in reversed(_texts_of(root)):
                _add_sentence(noise, root, loose, rule.of_companion)
            if rule is BY_NAME["shop"]:
                _add_goods(noise, root, rule)
    return noise


def _add_boxes(noise: Noise, root: HtmlElement) -> None:
    """Add to the noise each box that holds nothing but noise and its labels."""
    for element, rule in list(noise.items()):
        if rule.picture_classes and element.tag == "img" and element.getparent().tag == "a":
            noise[element.getparent()] = rule  # with any text of the campaign beside its picture
        is_widget = rule is BY_NAME["widget"]
        if rule.labels or (is_widget and element.tag == "img"):
            box = element.getparent()
            while box not in (None, root) and _is_box(noise, box, rule, _KEYWORD_LINK if is_widget else None):
                noise[box] = rule
                box = box.getparent()


def _is_box(noise: Noise, box: HtmlElement, rule: Rule, links: str | None) -> bool:
    """Whether a box holds nothing but noise, links to ``links`` and the labels of a rule."""
    labels = ["", *rule.labels.split()]
    return all(letters(text) in labels for text in noise.texts(box, links)) and not noise.has_media(box)


def _add_sentence(noise: Noise, root: HtmlElement, loose: LooseText, rule_of: Callable[[str], Rule | None]) -> None:
    """Add a sentence of the site's own to the noise."""
    if rule := rule_of(letters(loose.text)):
        noise[loose.wrap()] = rule  # the element around the text may hold more
    owner = loose.owner
    while owner is not root and (words := noise.short_letters(owner)) is not None:
        # An open-ended sentence must not take the blocks behind it along.
        if (rule := rule_of(words)) and (words in BY_SENTENCE or _IN_A_LINE.issuperset(one.tag for one in owner)):
            noise[owner] = rule
        owner = owner.getparent()


def _add_goods(noise: Noise, root: HtmlElement, rule: Rule) -> None:
    """Add the goods between the heading of the shop's offers and its last words: names and prices, no sentences."""
    offers = [element for element, found in noise.items() if found is rule]
    around: set[HtmlElement] = set()
    for offer in offers:
        box = offer
        while box is not None and box not in around:
            around.add(box)
            box = box.getparent()
    for heading in offers:
        if not rule.of_companion(letters(heading.text_content())):
            continue
        box = heading
        while (parent := box.getparent()) not in (None, root) and noise.is_blank(parent):
            box = parent
        behind = list(box.itersiblings())
        noise.spend_budget(len(behind))
        goods = behind[: max((place for place, one in enumerate(behind, 1) if one in around), default=0)]
        if not any(end in text for one in goods for text in noise.texts(one) for end in _SENTENCE_ENDS):
            noise.update(dict.fromkeys(goods, rule))


def _add_keywords(noise: Noise, root: HtmlElement, loose: LooseText) -> None:
    """Add to the noise a label such as 热词 with links to keywords and nothing else."""
    rule, owner = BY_NAME["keywords"], loose.owner
    if letters(loose.text) not in rule.labels.split() or owner.tag == "a":
        return  # a keyword in a sentence may be linked too
    while owner is not root and _is_box(noise, owner, rule, _KEYWORD_LINK):
        if any(is_link(link, _KEYWORD_LINK) for link in owner.iter("a")):
            noise[owner] = rule
        owner = owner.getparent()


def _texts_of(root: HtmlElement, *clues: str) -> list[LooseText]:
    """Return each text, or each with a clue."""
    condition = " or ".join(f"contains(., {clue!r})" for clue in clues) or "true()"
    found = [(text.getparent(), text.is_tail) for text in root.xpath(f"descendant::text()[{condition}]")]
    return [LooseText(one.getparent(), one) if is_tail else LooseText(one, None) for one, is_tail in found]


def _add_related(noise: Noise, root: HtmlElement, loose: LooseText) -> None:
    """Add a heading of related stories and its links to the noise, if the text belongs to one."""
    around = loose.owner
    while around is not root and around not in noise:
        noise.spend_budget()
        around = around.getparent()
    if around in noise:
        return
    if letters(loose.text) in RELATED_HEADINGS:
        heading = loose.wrap()
    else:  # perhaps in pieces: <strong>延伸</strong><strong>阅读</strong>
        heading = loose.owner
        while heading is not root and (words := noise.short_letters(heading)) not in RELATED_HEADINGS:
            if words is None:
                return
            heading = heading.getparent()
        if heading is root:
            return
    search = _RelatedSearch(noise, root)
    if search.run(heading):
        noise.update(dict.fromkeys(search.taken, BY_NAME["related"]))


class _RelatedSearch:
    def __init__(self, noise: Noise, root: HtmlElement) -> None:
        self.noise, self.root = noise, root
        self.taken: dict[HtmlElement, None] = {}  # a set that keeps its order
        self.links = 0
        self.titles: set[str] = set()  # the letters of the titles of the links that were taken
        self.is_block = False  # whether the heading is a block of its own, not part of a line

    def take_heading(self, element: HtmlElement) -> None:
        self.taken[element] = None
        self.is_block = self.is_block or element.tag not in _INLINE

    def run(self, heading: HtmlElement) -> bool:
        """Follow the text behind the heading, then around it; return whether ``taken`` is a related list."""
        self.take_heading(heading)
        owner, following = heading.getparent(), heading.getnext()
        begins_a_line = None  # not known until something is found in front of the heading
        while True:
            stopped = self._take_links(following)
            if stopped and not self.is_block and owner is not self.root and owner.tag not in _CONTAINERS:
                return False  # the paragraph goes on with words, so the heading is part of a sentence
            if stopped or owner is self.root:
                break
            if begins_a_line is None and self._has_words_before(heading):
                begins_a_line = self._begins_a_line(heading)
            if begins_a_line is None:
                # This element holds only the heading and the links so far.
                self.take_heading(owner)
                heading = owner
            elif owner.tag in _KEPT:
                break
            else:  # the heading ends this element, so the links may stand behind the element
                self.is_block = self.is_block or owner.tag not in _INLINE
            if letters(owner.tail or ""):
                stopped = True
                break
            following, owner = owner.getnext(), owner.getparent()
        if not self.links and (stopped or owner is not self.root):
            return False
        return self._begins_a_line(heading) if begins_a_line is None else begins_a_line

    def _take_links(self, element: HtmlElement | None) -> bool:
        """Take the siblings from ``element`` on that hold only links; return whether anything else follows them."""
        while element is not None:
            self.noise.spend_budget()
            is_shown = not self.noise.is_blank(element)
            if is_shown and not (self._is_only_links(element) or self._is_thumbnail(element)):
                if element.tag in _WRAPPERS and len(element) and not letters(element.text or ""):
                    self._take_links(element[0])  # the wrapper may begin with the links
                return True
            ends = bool(letters(element.tail or ""))
            # Words behind an inline link make it part of a sentence.
            if is_shown and not (ends and element.tag in _INLINE):
                self.taken[element] = None
                self.titles |= _titles_in(element)
                self.links += 1
            if ends:
                return True
            element = element.getnext()
        return False

    def _is_only_links(self, element: HtmlElement, titles: frozenset[str] = frozenset()) -> bool:
        """Whether an element holds links, and besides them only repeats the titles of these, or of others."""
        outside = list(self.noise.texts(element, ""))
        repeated = set(filter(None, map(letters, outside)))
        repeated |= {letters(picture.get("alt") or "") for picture in self.noise.media(element, "")}
        links = _links_in(element)
        # A sentence may consist of links, but no title has a full stop outside its link.
        if "".join(outside).rstrip().endswith(_SENTENCE_ENDS):
            return False
        if repeated and not repeated <= titles | self.titles | _titles_in(element):
            return False
        # A link whose text is its own address stands in place of a player.
        is_player = any(link.text_content().strip() == link.get("href") for link in links)
        return bool(links or titles or repeated) and not is_player

    def _is_thumbnail(self, element: HtmlElement) -> bool:
        """Whether an element is the picture of the link behind it, known by the title in its ``alt``."""
        following = element.getnext()
        while following is not None and self.noise.is_blank(following):
            following = following.getnext()
        if following is None or not self.noise.has_media(element) or not self._is_only_links(following):
            return False
        return self._is_only_links(element, _titles_in(following))

    def _has_words_before(self, heading: HtmlElement) -> bool:
        before = list(heading.itersiblings(preceding=True))
        self.noise.spend_budget(len(before))
        above = letters(heading.getparent().text or "")
        return bool(above) or any(letters(one.tail or "") or not self.noise.is_blank(one) for one in before)

    def _begins_a_line(self, heading: HtmlElement) -> bool:
        previous = heading.getprevious()
        if self.is_block:
            return True
        if letters(LooseText(heading.getparent(), previous).text):
            return False
        return previous is None or previous.tag not in _INLINE or not any(map(letters, self.noise.texts(previous)))


def _titles_in(element: HtmlElement) -> frozenset[str]:
    """Return the letters of each link's words, and of the ``alt`` of each picture in a link."""
    words = [text for link in _links_in(element) for text in (link.text_content(), *link.xpath(".//img/@alt"))]
    return frozenset(filter(None, map(letters, words)))


def _links_in(element: HtmlElement) -> list[HtmlElement]:
    return [link for link in element.iter("a") if link.get("href")]
