"""Content Credentials (C2PA): build, sign and read the manifests of files.

Nothing here knows Django or settings. `c2pa` is a native library: it is imported where a file is signed or
read, which happens in workers and in isolated processes, never in the web process.
"""
