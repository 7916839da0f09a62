"""System checks of the generation app."""
