"""Looks at one page the way a run does, and tells what was found where: for following a redesign."""
