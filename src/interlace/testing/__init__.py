"""Shipped test parts: conformance suite and in-memory fakes."""
