"""Django's back end for PostgreSQL, with an end to every wait for a server that hangs in an answer."""
