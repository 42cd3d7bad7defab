"""Declarations of the default mappings, one module a mapping, as plain values."""
