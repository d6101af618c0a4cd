"""Builds of the replica, learnt from archived stories: what is learnt reads all other stories without a fault."""

import pytest
from support.lessons import learn_and_read


@pytest.mark.parametrize("after", ["hashed", "data-only", "single-breaks"])
def test_a_redesign_is_learnt_and_reads_every_other_story(after):
    found = learn_and_read("react", after)
    assert found.learnt.declaration, found.learnt.says
    assert found.wrong == []
    assert found.read > 150
    assert found.refused <= 2
