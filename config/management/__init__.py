"""Django management of this app."""
