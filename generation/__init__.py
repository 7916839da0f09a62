"""Portrait and driving audio to rendition: uploads, jobs, the animation model and the video pipeline.

May import `accounts` and `provenance`.
"""
