"""What works on a finished archive or on one page: import, probe, verify, report, website, demo.

Imports everything but ``commands`` and ``cluster``.
"""
