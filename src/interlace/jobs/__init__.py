"""The durable job engine's binding: the only package that imports it."""
