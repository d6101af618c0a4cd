"""The shape of the archive's paths, and what a path says."""

from __future__ import annotations

import pytest

from zbcrawler.archive import disk
from zbcrawler.common.addresses import StoryAddress

ADDRESS = StoryAddress.parse("/realtime/china/story20210301-1154260")
PATH = "_posts/2021/03/01/2021-03-01-1154260.md"


def test_a_path_follows_from_the_address_and_says_the_number():
    assert disk.post_path(ADDRESS) == PATH
    assert disk.post_path(ADDRESS, -1) == "_posts/2021/02/28/2021-02-28-1154260.md"
    assert disk.is_post(PATH)
    assert disk.number_of(PATH) == "1154260"


@pytest.mark.parametrize(
    "path",
    [
        "_posts/2021-03-01-1.md",
        PATH + "x",
        PATH.replace("/01/", "/x/"),
        PATH.replace("1154260", "标题"),
        "pictures/a.jpg",
    ],
)
def test_other_paths_are_no_posts(path):
    assert not disk.is_post(path)


def test_a_post_links_what_lies_in_its_archive(tmp_path):
    assert disk.root_of(tmp_path / PATH) == tmp_path.resolve()
    assert ((tmp_path / PATH).parent / disk.link_from_post("pictures/a.jpg")).resolve() == tmp_path / "pictures/a.jpg"


def test_posts_are_found_by_their_day(tmp_path):
    paths = [tmp_path / disk.post_path(ADDRESS, shift) for shift in (-60, -1, 0, 1, 400)]
    for path in [*paths, tmp_path / "_posts" / "drafts" / "x.md", tmp_path / "_posts" / "2021" / "x" / "01" / "y.md"]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    assert disk.posts_of(tmp_path, ADDRESS.day) == [paths[2]]
