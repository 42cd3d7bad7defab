"""The assisted set-up: steps that look first, do only what is missing, and go on where they stopped."""
