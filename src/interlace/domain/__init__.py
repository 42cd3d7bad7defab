"""Pure decisions about records, couplings and mappings: no I/O, clock, randomness or exception for an expected outcome."""
