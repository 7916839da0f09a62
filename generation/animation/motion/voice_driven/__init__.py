"""What the voice moves: head, gaze, lids and brows planned from the recording's own prosody.

Knows the voice rows and the plan, no network and no frames. The seed draws a speaker, never an event.
"""
