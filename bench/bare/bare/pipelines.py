"""Write an item in the simplest way."""

from __future__ import annotations

from pathlib import Path


class Write:
    """A pipeline that writes one file per item."""

    def process_item(self, item: dict[str, str]) -> dict[str, str]:
        path = Path(item["folder"], item["url"].rpartition("/")[2] + ".md")
        path.write_text(f"{item['title']}\n\n{item['text']}\n", "utf-8")
        return item
