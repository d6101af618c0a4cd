"""From a story as it was read to its post: one verb a file, in the order of ``ITEM_PIPELINES``.

Imports ``archive``, ``editions``, ``downloading`` and below.
"""
