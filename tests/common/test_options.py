"""Settings: what is allowed, and what the message says of what is not."""

from __future__ import annotations

import pytest

from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.options import site_url


@pytest.mark.parametrize("good", ["https://www.zaobao.com", "http://127.0.0.1:8000/", "http://[::1]:80"])
def test_site(good):
    assert site_url({"SITE_URL": good}) == good.rstrip("/")


@pytest.mark.parametrize(
    "bad", ["", "www.zaobao.com", "ftp://x", "https://", "https://x/path", "https://x:y", "https://a:b@x", "http://["]
)
def test_no_site(bad):
    with pytest.raises(ArgumentError, match="SITE_URL="):
        site_url({"SITE_URL": bad})
