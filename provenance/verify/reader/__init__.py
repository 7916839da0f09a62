"""Reading a stranger's file: the pool of confined readers, and what runs inside them.

Everything that touches the bytes of a file lives here, and nothing that decides.
"""
