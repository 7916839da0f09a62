"""The partner console: its first page, portraits, recordings, jobs and their videos."""
