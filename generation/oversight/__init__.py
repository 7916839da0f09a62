"""Looks at what reviewers decided: second looks at samples, appeals, and what waits for whom."""
