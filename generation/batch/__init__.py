"""Many videos at once: a table of jobs, and their submission one by one, each with its own answer."""
