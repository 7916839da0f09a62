"""Accounts: people, partner organisations, API keys, subjects and consent grants.

May import `provenance`, never `generation`.
"""
