"""The client for programs: calls, refusals, streams, uploads, webhooks."""
