"""Forms that are kept: columns and documents of earlier versions stay readable."""
