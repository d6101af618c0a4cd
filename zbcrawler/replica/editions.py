"""The editions of the site: their names, and which of them belong to the mainland half."""

from __future__ import annotations

from typing import Literal

# In order of time: site-layouts 0, eras B, C, D, H1 and H2.
EditionName = Literal["drupal7", "drupal", "react", "mainland", "astro"]

# The two halves of the site differ in more than markup: headlines can differ (site-layouts 4.2), and each half
# shows pictures of its own hosts (site-layouts 3.6 and 6.2).
MAINLAND: frozenset[str] = frozenset(("mainland", "astro"))
