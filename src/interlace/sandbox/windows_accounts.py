"""The Windows accounts of the embedded services, and where requests carry them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

DOMAIN: Final = "SANDBOX"
INTEGRATION_ACCOUNT: Final = "interlace"
ADMINISTRATOR_ACCOUNT: Final = "administrator"
PASSWORD: Final = "sandbox-windows"  # noqa: S105 - a sandbox's: it protects nothing
ACCOUNTS_FILE: Final = "windows-accounts"
ACCOUNTS_VARIABLE: Final = "NTLM_USER_FILE"
"""Environment variable in which the acceptor looks for the file of accounts."""
ACCOUNT: Final = "windows_account"
"""Where a service finds the account in the scope of a request."""
CONNECTION: Final = "connection"
"""Where the server keeps, in the state of the scope, a dictionary that lasts as long as the connection."""


def windows_name(account: str) -> str:
    """The account with its domain, as people write it."""
    return f"{DOMAIN}\\{account}"


def accounts_file(directory: Path) -> Path:
    """The file of the domain's accounts, made with the usual ones where it is missing; people may add to it."""
    file = directory / ACCOUNTS_FILE
    if not file.exists():
        directory.mkdir(parents=True, exist_ok=True)
        lines = [f"{DOMAIN}:{name}:{PASSWORD}\n" for name in (INTEGRATION_ACCOUNT, ADMINISTRATOR_ACCOUNT)]
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.writelines(lines)
    return file
