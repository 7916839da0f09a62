"""Notification: e-mails, and the links in them.

Decides nothing: services say whom to write to and why.
"""
