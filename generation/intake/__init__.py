"""Intake: validates and normalises uploaded portraits and recordings, or refuses them with a code. No Django.

`examine_portrait` and `examine_driving_audio` in `examine.py` give the one answer that upload, pre-flight
and worker share. The decoding happens in processes of their own: `inspect_portrait.py` and
`inspect_audio.py`.
"""
