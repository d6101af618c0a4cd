"""Programs that some tests need. Without the program the test is skipped with a reason; in CI it fails."""

from __future__ import annotations

import os
import shutil

import pytest


def needs(program: str) -> str:
    """Return the path of a program. If it is missing, skip the test, or fail it if ``CI`` is set."""
    path = shutil.which(program)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{program} is not installed (.ci/run shows how)")
    return path
