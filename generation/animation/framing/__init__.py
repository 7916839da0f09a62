"""Framing: what part of the portrait's picture a video shows, and the person pasted back into it.

`video_format` and `view` are plain numbers that the web process reads too; `backdrop` and `paste_back` make
pixels. May import `portrait`, `rendering` and `geometry`.
"""
