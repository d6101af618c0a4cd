"""The steps from a story as it was read to its post. Imports ``archive``, ``editions``, ``downloading`` and below."""
