"""Learn an edition: archived stories and the pages that the site serves for them now show where to read.

docs/learning.md describes the method. Everything here is pure: pages and stories go in, a declaration comes out.
"""

from zbcrawler.editions.learning.stories import Learnt, Lesson, choose, learn_stories

__all__ = ["Learnt", "Lesson", "choose", "learn_stories"]
