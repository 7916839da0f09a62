"""Pages on which reviewers decide: about videos, subjects' recordings, and faces that look like others."""
