"""Running what reads strangers' files in a process without rights.

Knows nothing of what is read. No Django; may import nothing of the project but `common`.
"""
