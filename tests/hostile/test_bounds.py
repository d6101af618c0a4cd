"""Pages made to take much time or memory end in a post or a refusal, within limits of both.

Each page runs in a process of its own with limited processor time and memory, so that a fault fails the test
and does not stop the machine.
"""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest
from support.crawling import PROJECT

SECONDS = 60
MEMORY = 1536 * 1024 * 1024

# The body repeats one of these; {} becomes a number.
UNITS = {
    "paragraphs": "<p>",
    "words": "<p>字</p>",
    "breaks": "字<br>",
    "pictures": '<img src="/s3/files/{}.jpg">',
    "links": '<a href="/x{}">字</a>',
    "open links": "<a href=/x>",
    "headings of related stories": '<p>延伸阅读</p><p><a href="/x">字</a></p>',
    "words of the paywall": "<p>请订阅或登录，以继续阅读全文！</p>",
    "keyword labels": "<p>热词：</p>",
    "references": "&#x1F600;",
    "divisions": "<div>",
    "marks": "<b><i>",
    "tables": "<table><tr><td>",
    "lists": "<ul><li>字",
    "quotations": "<blockquote>字",
    "comments": "<!--x-->",
    "text": "字",
    "figures": "<figure><img src=/{}.jpg><figcaption>字",
    "sources": "<picture><source srcset=/{}.jpg>",
    "players": '<iframe src="https://e.example/{}"></iframe>',
    "attributes": ' a{}="x"',
    "numbered paragraphs": '<p data-s="jB2GEZA====">字</p>',
}

SCRIPT = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, {SECONDS}))
resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
sys.path[:0] = [{str(PROJECT)!r}, {str(PROJECT / "tests")!r}]
from hostile.judging import faults_of
from hostile.pages import page_of, post_of
from scrapy.exceptions import DropItem
from zbcrawler.common.errors import ZbcrawlerError
unit, builder, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
count = size // len(unit.format(10000).encode())
body = "".join(map(unit.format, range(count))) if "{{}}" in unit else unit * count
body = f"<p{{body}}>字</p>" if unit.startswith(" ") else body
try:
    post = post_of(page_of(builder, "标题", "<p>字</p>" + body).encode())
except (ZbcrawlerError, DropItem) as error:
    print("refused:", error)
else:
    # Larger posts are not judged: that would take too long.
    print("post:", faults_of(post) if len(post) < 500_000 else [])
"""


def outcome(unit: str, builder: str, size: int) -> str:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, unit, builder, str(size)], capture_output=True, encoding="utf-8", check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return run.stdout


@pytest.mark.parametrize("unit", UNITS)
def test_a_third_of_a_megabyte(unit):
    said = outcome(UNITS[unit], "mainland" if unit.startswith("numbered") else "drupal", 300_000)
    assert said.startswith("refused: ") or said == "post: []\n"


@pytest.mark.parametrize(("unit", "builder"), [("divisions", "react"), ("attributes", "astro"), ("words", "drupal7")])
def test_ten_megabytes(unit, builder):
    assert outcome(UNITS[unit], builder, 10_000_000).startswith("refused: ")


@pytest.mark.full
@pytest.mark.parametrize("builder", ["drupal7", "drupal", "react", "mainland", "astro"])
@pytest.mark.parametrize("size", [3_900_000, 10_000_000])
@pytest.mark.parametrize("unit", UNITS)
def test_the_largest_that_is_read_and_ten_megabytes(unit, builder, size):
    said = outcome(UNITS[unit], builder, size)
    assert said.startswith("refused: ") or said == "post: []\n"


def test_the_limits_are_those_of_the_process():
    code = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY})); x = bytes({MEMORY})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert b"MemoryError" in run.stderr
    assert resource.getrlimit(resource.RLIMIT_AS)[0] != MEMORY
