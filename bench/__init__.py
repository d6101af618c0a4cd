"""Measurements. Each is a command; README.md lists them."""
