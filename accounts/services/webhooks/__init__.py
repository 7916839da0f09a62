"""Webhooks: what partners are told of, where to, signed how, sent when (Standard Webhooks 1.0)."""
