"""Provenance: watermark, C2PA manifest, transparency log and verification of videos.

Imports neither `accounts` nor `generation`.
"""
