"""Attacks on marked clips, from single changes of frames to the table of all of them."""
