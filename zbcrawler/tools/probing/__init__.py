"""Read one page as a run does, and show where each value was found; helps to follow a redesign."""
