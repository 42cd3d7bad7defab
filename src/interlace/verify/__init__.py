"""The judge: compares both ends afresh with its own expectation table."""
