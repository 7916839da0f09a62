"""Formats: tells from a file's content which picture or sound format it is in. Pure Python, no decoding."""
