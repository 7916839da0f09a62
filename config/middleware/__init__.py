"""Middleware that stands before every view."""
