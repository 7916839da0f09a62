"""Drafts of the studio: a warm, confined process fits a portrait once, then answers with stills and short
clips that are labelled and marked, and with what the voice does by itself. Nothing is stored.
"""
