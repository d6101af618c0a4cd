"""Tools for a finished archive or for one page: import, probe, verify, report, website.

Imports everything but ``commands`` and ``cluster``.
"""
