"""Back ends that draw the person's surface: compiled kernels for the CPU, torch for CUDA, one protocol.

A new back end is one file here and one line in `backend`. May import `geometry`.
"""
