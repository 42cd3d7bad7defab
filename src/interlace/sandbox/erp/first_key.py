"""The key of the ERP's first user, which its operator is told at every start until somebody changes it.

The database holds hashes only; this key, which the service made itself, lies in a file for its owner alone.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from interlace.sandbox.erp.users import Users

_FILE: Final = "first-user.key"


def first_user_key(
    users: Users,
    name: str,
    wanted: str | None,
    directory: Path | None,
    add_first: Callable[[], None],
) -> str:
    """Return the key of the first user, who is added if need be; blank when somebody has changed it since.

    A key that the operator wants replaces the present one. In memory nobody can know a key from before.
    """
    former = users.adopt_former_keys()
    user = users.find(name)
    if user is None:
        add_first()
    file = None if directory is None else directory / _FILE
    known = wanted or former.get(name.strip().upper()) or _read(file)
    if known and users.has_key(name, known):
        if wanted is None:
            _write(file, known)
        return known
    lost = user is not None and user.values["Has_Web_Service_Key"]
    if wanted is None and lost and file is not None:
        file.unlink(missing_ok=True)
        return ""
    key = users.set_key(name, wanted)
    if wanted is None:
        _write(file, key)
    return key


def _read(file: Path | None) -> str:
    if file is None or not file.exists():
        return ""
    return file.read_text(encoding="utf-8").strip()


def _write(file: Path | None, key: str) -> None:
    if file is None or _read(file) == key:
        return
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as target:
        target.write(f"{key}\n")
