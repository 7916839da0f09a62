"""Intake: what a stranger uploaded becomes a normalised file or a coded refusal. No Django in here.

`examine_portrait` and `examine_driving_audio` in `examine.py` give the one answer that upload, pre-flight
and worker share. The decoding happens in processes of their own: `inspect_portrait.py` and
`inspect_audio.py`.
"""
