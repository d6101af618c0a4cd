"""Reads one page as a run does, and shows which value was found where: for following a redesign."""
