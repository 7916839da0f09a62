"""Short programs that show one thing each; tests run them all.

In the repository: `python -m examples.verify_file`. With the package installed, every one but
`animate_portrait` runs alone: `python verify_file.py`.
"""
