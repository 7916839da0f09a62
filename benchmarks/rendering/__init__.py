"""Benchmarks of rendering: accuracy of frames against commands and ground truth, landmarks, speed."""
