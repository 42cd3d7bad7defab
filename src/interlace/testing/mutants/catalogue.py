"""All seeded bugs, by subject."""

from interlace.testing.mutants.of_changes import HARMLESS_OF_CHANGES, MUTANTS_OF_CHANGES
from interlace.testing.mutants.of_merges import HARMLESS_OF_MERGES, MUTANTS_OF_MERGES
from interlace.testing.mutants.of_recovery import HARMLESS_OF_RECOVERY, MUTANTS_OF_RECOVERY
from interlace.testing.mutants.of_writes import MUTANTS_OF_WRITES

MUTANTS = (*MUTANTS_OF_WRITES, *MUTANTS_OF_RECOVERY, *MUTANTS_OF_CHANGES, *MUTANTS_OF_MERGES)
HARMLESS = (*HARMLESS_OF_RECOVERY, *HARMLESS_OF_CHANGES, *HARMLESS_OF_MERGES)
"""Measured as harmless, each with the reason; those with changes can be played by name."""
