"""A Scrapy add-on that takes an edition out of the code, as if the site's build were new."""

from __future__ import annotations

import json

from scrapy.settings import BaseSettings

from zbcrawler.editions import Edition, Editions, Page


def settings_without(name: str) -> dict[str, str]:
    """Return the settings of a run without a named edition."""
    return {"ADDONS": json.dumps({"tests.support.without_edition.WithoutEdition": 0}), "WITHOUT_EDITION": name}


class WithoutEdition:
    """Takes the edition of the setting ``WITHOUT_EDITION`` out of the editions in code."""

    def update_settings(self, settings: BaseSettings) -> None:
        name, edition_of = settings.get("WITHOUT_EDITION"), Editions.edition_of

        def edition_of_the_others(self: Editions, page: Page) -> Edition:
            # The spider may have its editions already.
            self.all = tuple(one for one in self.all if one.name != name)
            return edition_of(self, page)

        Editions.edition_of = edition_of_the_others
