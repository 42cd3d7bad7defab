"""Orchestration over ports: scan, decide, apply, remember."""
