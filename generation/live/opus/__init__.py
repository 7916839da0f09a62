"""Opus from strangers, decoded in a sandboxed process beside the session's own."""
