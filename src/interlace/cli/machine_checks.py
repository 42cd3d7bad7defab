"""Checks of this machine: Python, SQLite, the state directory, its space and its key file."""

import os
import shutil
import sqlite3
import stat
import sys
from pathlib import Path

from interlace.bootstrap.application import key_file_of
from interlace.bootstrap.connection_checks import Check, CheckState
from interlace.locale.translatable import Amount, translatable
from interlace.settings import Config

PYTHON_MIN = (3, 11)
SQLITE_MIN = (3, 35)
"""The first version with RETURNING, which the store's statements use."""
_FREE_BYTES_MIN = 1_000_000_000
_OTHERS_MAY = stat.S_IRWXG | stat.S_IRWXO


def check_machine(config: Config) -> list[Check]:
    """Look at what Interlace runs on."""
    directory = config.state_directory
    return [
        check_version(
            "Python", sys.version_info[:3], PYTHON_MIN, translatable("Run Interlace with a newer Python.")
        ),
        check_version(
            "SQLite",
            sqlite3.sqlite_version_info,
            SQLITE_MIN,
            translatable("Use a Python that has a newer SQLite."),
        ),
        check_directory(directory),
        check_space(shutil.disk_usage(_existing(directory)).free),
        check_key_file(key_file_of(config).path),
    ]


def check_version(subject: str, version: tuple[int, ...], minimum: tuple[int, ...], remedy: str) -> Check:
    """Compare a version with the oldest one that will do."""
    text = ".".join(map(str, version))
    if version >= minimum:
        return Check(subject=subject, message=text)
    message = translatable(
        "{version} is too old: Interlace needs {minimum} or later.",
        version=text,
        minimum=".".join(map(str, minimum)),
    )
    return Check(subject=subject, state=CheckState.PROBLEM, message=message, remedy=remedy)


def check_directory(directory: Path) -> Check:
    """See whether the state directory can be written, or made."""
    subject = translatable("State directory")
    remedy = translatable("Name another directory with --state, or correct the rights of this one.")
    if directory.exists() and not directory.is_dir():
        message = translatable("{directory} is no directory.", directory=str(directory))
        return Check(subject=subject, state=CheckState.PROBLEM, message=message, remedy=remedy)
    if not os.access(_existing(directory), os.W_OK | os.X_OK):
        message = translatable("{directory} can't be written.", directory=str(directory))
        return Check(subject=subject, state=CheckState.PROBLEM, message=message, remedy=remedy)
    if directory.exists():
        return Check(subject=subject, message=str(directory))
    message = translatable("{place}, made at the first start", place=str(directory))
    return Check(subject=subject, message=message)


def check_space(free_bytes: int) -> Check:
    """See whether there is room for couplings and journal."""
    subject = translatable("Disk space")
    message = translatable("{gigabytes} GB free", gigabytes=Amount(f"{free_bytes / 1e9:.1f}"))
    if free_bytes >= _FREE_BYTES_MIN:
        return Check(subject=subject, message=message)
    remedy = translatable("Make room: a full disk stops every synchronization.")
    return Check(subject=subject, state=CheckState.WARNING, message=message, remedy=remedy)


def check_key_file(file: Path) -> Check:
    """See that the key of the stored credentials can be read by its owner only."""
    subject = translatable("Key file")
    if not file.exists():
        return Check(
            subject=subject, message=translatable("{place}, made at the first start", place=str(file))
        )
    if not os.access(file, os.R_OK):
        message = translatable("{file} can't be read, so stored credentials can't be used.", file=str(file))
        remedy = translatable(
            "Run Interlace as the file's owner, or: {command}", command=f"chown $USER {file}"
        )
        return Check(subject=subject, state=CheckState.PROBLEM, message=message, remedy=remedy)
    if os.name == "posix" and file.stat().st_mode & _OTHERS_MAY:
        message = translatable("{file} can be read by other users of this machine.", file=str(file))
        return Check(subject=subject, state=CheckState.PROBLEM, message=message, remedy=f"chmod 600 {file}")
    return Check(subject=subject, message=translatable("{file}, for its owner only", file=str(file)))


def _existing(directory: Path) -> Path:
    """Return the directory, or the nearest one above it that exists."""
    return next((each for each in (directory, *directory.parents) if each.exists()), Path("/"))
