"""Who acts and what they may do: actors, authentication, policy, tokens and the access rules of pages.

Decides and changes nothing: writes live in `services`.
"""
