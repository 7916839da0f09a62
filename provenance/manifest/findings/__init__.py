"""What the validation of credentials found, sorted by cause. Pure: knows reports and codes, and no file."""
