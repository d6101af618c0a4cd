"""The spiders that only a cluster has."""
