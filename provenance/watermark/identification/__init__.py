"""From soft bits to a decision: which issued watermark id it is, and how often that would be wrong.

Numbers only, for the web process too: no OpenCV. May import `coding` and `content.fingerprint_match`.
"""
