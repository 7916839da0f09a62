"""From sound to what is spoken: acoustic features, phones, prosody, mouth curves and lip contacts.

Knows nothing of heads, gaze, emotion or pictures. May import `track` and `arrays`.
"""
