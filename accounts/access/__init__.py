"""Access control: actors, authentication, authorisation policy, tokens and page decorators.

Decides and changes nothing: writes live in `services`.
"""
