"""What was done to picture and sound of whole files, and what is said of it."""
