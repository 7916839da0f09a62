"""Geometry: where in a file's frames the pattern lies after scaling, turning, cropping and filming.

May import `carrier`.
"""
