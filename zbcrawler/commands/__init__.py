"""The project's own ``scrapy`` commands: thin, with imports where they are used.

Imports any package but ``cluster``.
"""
