"""Live checks: takes recordings in, encrypted, has them looked at, and shows them to reviewers."""
