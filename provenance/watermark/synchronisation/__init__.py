"""Synchronisation: finds where in a file's frames the pattern lies after scaling, rotation or cropping.

May import `carrier`.
"""
