"""Credentials of every kind and with every defect, and what is said of them."""
