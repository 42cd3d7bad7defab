"""Checks of the source tree that no other linter makes, and the renewal of the pinned requirements."""
