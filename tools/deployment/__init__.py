"""Reads the files in deploy/ and starts the service as they say, process by process."""
