"""Uploads that go on where they broke off: files in pieces, by the tus protocol 1.0."""
