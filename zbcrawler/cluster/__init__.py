"""Many machines, one Redis: ``seed`` hands out stories of the past, ``work`` fetches them (docs/cluster.md).

Optional: nothing else imports this package. Imports ``spiders`` and below.
"""
