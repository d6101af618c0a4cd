"""The site is redesigned under an archive, in builds that no edition reads: no post is ever wrong."""

import pytest
from support.redesigned import heal

from zbcrawler.replica.redesigns import REDESIGNS

# The others are left to the full run. ``new-advert`` changes no landmark.
SOME = ("hashed", "blocks", "noisy", "single-breaks")
OTHERS = [name for name in REDESIGNS if name not in {*SOME, "new-advert"}]


@pytest.mark.parametrize("after", [*SOME, *(pytest.param(name, marks=pytest.mark.full) for name in OTHERS)])
def test_no_post_is_ever_wrong_after_a_redesign(archive, after):
    assert heal(archive, after=after).wrong == []


def test_a_known_build_is_read_without_a_break(archive):
    healing = heal(archive, "drupal", "react", stories=60, taken_out=False)
    assert healing.healed, (healing.wrong, healing.missing, healing.outputs[-1])
    assert healing.codes == [0]
