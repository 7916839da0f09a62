"""From soft bits to an answer: which issued id it is, and how often that would be wrong.

Numbers only, for the web process too: no OpenCV. May import `coding` and `content.fingerprint_match`.
"""
