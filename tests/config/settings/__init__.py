"""What is set, what is refused, and how an installation is set up."""
