"""Drawing the person's surface: on the CPU with compiled kernels, on CUDA with torch, one contract.

A new back end is one file here and one line in `backend`. May import `geometry`.
"""
