"""Lips, corners, teeth and jaw as they are drawn."""
