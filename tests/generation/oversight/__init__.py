"""Two reviewers, second looks, appeals, and what waits for staff."""
