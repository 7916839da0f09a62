"""How requests reach the threads that answer them: received whole, so that no thread waits for a client.

A worker class for gunicorn; knows no Django but the folder for uploads.
"""
