"""Pages of the accounts app, one file for each kind of reader."""
