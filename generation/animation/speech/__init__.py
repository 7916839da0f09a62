"""From sound to what is spoken: features, phones, prosody, and the lip contacts that nothing may blunt.

Knows nothing of heads, gaze, emotion or pictures. May import `track` and `arrays`.
"""
