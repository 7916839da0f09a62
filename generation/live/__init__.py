"""A live stream as it is made: paced speech in, labelled and marked frames with their sound out, read back.

Knows no Django: `generation.services.live.session_process` puts it together in a process for each session.
"""
