"""Seeded bugs: known mistakes of synchronizers, put into the engine one at a time to see that the simulator notices.

A mutant is a patch of a module's text, applied while the module is imported in a process of its own.
"""
