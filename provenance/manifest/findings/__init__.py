"""What the validation of credentials found, sorted by cause. Pure: knows codes, and no file."""
