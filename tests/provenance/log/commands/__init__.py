"""The log on files and at the command line: export, check, quarterly counts."""
