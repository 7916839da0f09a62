"""Reading and checking a public log from its files (c2sp.org/tlog-tiles), in a folder or at an address.

Asks the service nothing: whatever holds the files can be checked with the log's public key.
"""
