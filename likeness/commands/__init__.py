"""The command `likeness`: one file for each group of commands, one tree that assembles them.

Parses, calls one public function of the package, prints; no rule lives here.
"""
