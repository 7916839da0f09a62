"""Who may ask, and whose yes they have: people, partners, keys, subjects and consent grants.

May import `provenance`, never `generation`.
"""
