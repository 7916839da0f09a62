"""The OpenAPI description of the API: what is added to it, and what is read from it."""
