"""Measurements, each one a command; see README.md."""
