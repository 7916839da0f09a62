"""Live sessions as the service sees them: opened, claimed with a token, started, ended with a reason, sealed.

`sealing`, `streaming` and `session_process` run in a process of their own and load torch and OpenCV; nothing
else here does.
"""
