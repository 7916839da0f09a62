"""Shared base of all apps: coded errors, public ids, rate limits, reception of uploads.

Imports nothing of the project.
"""
