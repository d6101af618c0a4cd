"""The steps from a story as it was read to its post: one step per file.

Imports ``archive``, ``editions``, ``downloading`` and below.
"""
