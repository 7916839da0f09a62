"""Benchmarks of identity: do rendered frames still look like the person in the portrait?"""
