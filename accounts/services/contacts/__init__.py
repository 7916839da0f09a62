"""Contacts of living subjects: whose they are, codes that prove them, limits on asking, stops.

Knows what a consent grant is, and asks for none: that is the room `consent` beside this one.
"""
