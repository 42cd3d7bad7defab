"""Benchmarks of Interlace against floors that run in the same minutes on the same servers."""
