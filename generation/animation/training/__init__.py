"""Trains the speech and motion networks; imported by nothing that runs in the service.

May import every other room of the animation model.
"""
