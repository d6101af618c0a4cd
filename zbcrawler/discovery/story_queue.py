"""The stories that a run is about to request."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from zbcrawler.discovery.candidates import Candidate

# A request takes as much memory as all other facts about a story.
_REQUESTS_AT_ONCE = 100


class StoryQueue:
    """A queue of candidates, which yields them in batches."""

    def __init__(self) -> None:
        self._stories: deque[Candidate] = deque()
        self._last: dict[str, Candidate] = {}  # by number

    def add(self, stories: Iterable[Candidate]) -> None:
        """Append stories."""
        self._stories.extend(stories)

    def add_last(self, stories: Iterable[Candidate]) -> None:
        """Keep stories for the end, each once."""
        self._last |= {story.address.number: story for story in stories}

    def begin_last(self) -> None:
        """Append the stories kept for the end."""
        self.add(self._last.values())
        self._last.clear()

    def batch(self) -> list[Candidate]:
        """Remove and return the next stories."""
        return [self._stories.popleft() for _ in range(min(_REQUESTS_AT_ONCE, len(self._stories)))]

    def clear(self) -> None:
        """Forget all stories."""
        self._stories.clear()
        self._last.clear()

    def __bool__(self) -> bool:
        """Return whether there is a next batch."""
        return bool(self._stories)
