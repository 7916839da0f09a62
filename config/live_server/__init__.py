"""The ASGI server of live sessions: WebSockets, and a process for each session. It makes no pixel.

`config.asgi` is its entry point. Pages and the API are the WSGI server's.
"""
