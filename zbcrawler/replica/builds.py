"""The builds that the site has had: their names, and which half of the site each is of."""

from __future__ import annotations

from typing import Literal

# In the order of their time: site-layouts 0, eras B, C, D, H1 and H2.
Build = Literal["drupal7", "drupal", "react", "mainland", "astro"]

# The halves differ in more than markup: they can have other headlines (site-layouts 4.2), and show
# the pictures of hosts of their own (site-layouts 3.6 and 6.2).
MAINLAND: frozenset[str] = frozenset(("mainland", "astro"))
