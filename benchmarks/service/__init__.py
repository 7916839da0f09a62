"""The whole way from speech to a signed file."""
