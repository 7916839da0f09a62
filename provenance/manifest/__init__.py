"""Content Credentials (C2PA): what a rendition claims, how it is signed, and how any file's claim is read.

Nothing here knows Django or settings. `c2pa` is a native library: it is imported where a file is signed or
read, which happens in workers and in isolated processes, never in the web process.
"""
