"""The deterministic simulator: the engine's own code against model services, in virtual time, under one seed.

`run_schedule(seed, profile)` plays one schedule to its end and tells what an oracle made of it.
"""
