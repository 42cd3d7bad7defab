"""Erases from a backup what was erased since it was made, so that restoring it brings nobody back."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from interlace.bootstrap.application import JOURNAL_DIRECTORY
from interlace.store.backup_file import DATABASE_NAME, make_backup, restore_backup
from interlace.store.erased_entries import ToldErasure
from interlace.store.state_store import StateStore


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupErased:
    """What was found in a backup and erased there."""

    records: int
    entries: int
    lines: int


def erase_in_backup(file: Path, passphrase: str, erasures: Sequence[ToldErasure]) -> BackupErased:
    """Write a backup anew, with the same passphrase, without the records of these erasures.

    The old file stays until the new one is whole. Raises BackupUnusable, like restoring it.
    """
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".erase-") as scratch:
        place = Path(scratch)
        restore_backup(file, place, passphrase)
        database, journal = place / DATABASE_NAME, place / JOURNAL_DIRECTORY
        with StateStore.open(f"sqlite:///{database}", journal_directory=journal) as state:
            known = {each.id for each in state.connections()}
            told = [
                state.erasing(each.connection_id, {}).erase(each.mapping, each.keys, each.by)
                for each in erasures
                if each.connection_id in known
            ]
            state.forget_deleted()
        fresh = place / "erased.backup"
        make_backup(database, journal, fresh, passphrase)
        fresh.replace(file)
    return BackupErased(
        records=sum(each.has_erased for each in told),
        entries=sum(each.entries for each in told),
        lines=sum(each.lines for each in told),
    )
