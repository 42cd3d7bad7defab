"""Checks of the source tree that no off-the-shelf linter makes, and the renewal of the pinned requirements."""
