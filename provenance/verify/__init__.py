"""Verification: signals are collected from a file, and one pure function turns them into a verdict."""
