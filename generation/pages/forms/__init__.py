"""Forms of uploads, of a job and its label, and of a reviewer's decisions; no view."""
