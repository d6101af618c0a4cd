"""Each saved page gives exactly its expected post."""

from __future__ import annotations

import pytest
from support.pages import FIXTURES, cases, post_of


@pytest.mark.parametrize("case", cases(), ids=lambda case: str(case.relative_to(FIXTURES).with_suffix("")))
def test_saved_page_gives_its_post(case):
    expected = case.with_suffix(".md")
    assert expected.exists(), f"no expected post yet: run python tests/regenerate.py, and look at {expected}"
    assert post_of(case) == expected.read_bytes().decode("utf-8")


def test_there_are_cases_of_both_builds():
    assert {case.parent.name for case in cases()} >= {"drupal", "react"}
