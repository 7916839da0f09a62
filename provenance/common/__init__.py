"""The ground that every app stands on: coded errors, ids, rate limits, taking in uploads.

Imports nothing of the project.
"""
