"""Content fingerprints: tell a watermark that was copied onto another video from the one it was made for.

May import `carrier`.
"""
