"""The only way out for reading: politeness, robots, limits, charset, outcomes as data."""
