"""Programs that some tests need: absent, the test is skipped and says so; in CI it fails instead."""

from __future__ import annotations

import os
import shutil

import pytest


def needs(program: str) -> str:
    """Return the path of a program; skips the test if it is not installed, fails it where ``CI`` is set."""
    path = shutil.which(program)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{program} is not installed (.ci/run shows how)")
    return path
