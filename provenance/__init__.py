"""What was made, by whom, and can anyone check it: watermark, manifest, log, verification.

Imports neither `accounts` nor `generation`.
"""
