"""Fingerprints of what a video shows, to tell a mark that was lifted onto something else.

May import `carrier`.
"""
