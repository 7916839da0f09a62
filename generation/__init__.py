"""Portrait and driving audio to rendition: uploads, jobs, the animation model and the production pipeline.

May import `accounts` and `provenance`.
"""
