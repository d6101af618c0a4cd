"""Builds of the site that no edition in code reads. They share as little as possible with it and with one another."""

from zbcrawler.replica.redesigns import (
    amp,
    blocks,
    breaks,
    custom_elements,
    data_only,
    encoded,
    halves,
    hashed,
    new_advert,
    noisy,
    shuffled,
    tables,
    two_containers,
    utility,
)
from zbcrawler.replica.redesigns.redesign import Redesign

_ALL = (
    hashed.REDESIGN,
    utility.REDESIGN,
    tables.REDESIGN,
    *breaks.REDESIGNS,
    data_only.REDESIGN,
    blocks.REDESIGN,
    two_containers.REDESIGN,
    noisy.REDESIGN,
    amp.REDESIGN,
    custom_elements.REDESIGN,
    shuffled.REDESIGN,
    encoded.REDESIGN,
    *halves.REDESIGNS,
    new_advert.REDESIGN,
)
REDESIGNS = {one.name: one for one in _ALL}

__all__ = ["REDESIGNS", "Redesign"]
