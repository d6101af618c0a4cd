"""Helpers for tests of several folders: real crawls, sites to crawl, programs, posts."""
