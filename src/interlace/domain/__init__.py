"""Pure decisions about records, couplings and mappings: no I/O, no clock, no randomness."""
