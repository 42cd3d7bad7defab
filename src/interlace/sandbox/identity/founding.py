"""What a directory begins with: the applications and people of a service, added where they are missing."""

from __future__ import annotations

import functools
from datetime import UTC, datetime

from interlace.sandbox.identity.directory import Directory
from interlace.sandbox.identity.registrations import ClientSecret, Person, Registration, hashed_password
from interlace.sandbox.identity.resources import Service

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
INTEGRATION_CLIENT_ID = "5f0a9c1e-2d3b-4e6f-8a7c-9b0d1e2f3a4b"
"""The application that synchronizes."""
INTEGRATION_SECRET = "sandbox-secret"  # noqa: S105 - of a trial: it protects nothing
PUBLIC_CLIENT_ID = "51f81489-12ee-4a9e-aaae-a2591f45987d"
"""The application that tools for the CRM sign people in with; it has no secret."""


def ensure_trial_applications(directory: Directory, secret: str = INTEGRATION_SECRET) -> None:
    """Registers the applications that both services of a trial begin with."""
    ensure_application(directory, INTEGRATION_CLIENT_ID, "Interlace Integration", secret=secret)
    ensure_application(directory, PUBLIC_CLIENT_ID, "Interlace Sign-in", is_public=True)


def ensure_application(
    directory: Directory, client_id: str, name: str, *, secret: str | None = None, is_public: bool = False
) -> None:
    """Registers an application with both services allowed, unless there is one of this client id."""
    if directory.application(client_id) is not None:
        return
    held = () if secret is None else (ClientSecret.of(secret, directory.object_id(f"{client_id} 1"), NEVER),)
    directory.keep_application(
        Registration(
            client_id=client_id,
            name=name,
            secrets=held,
            is_public=is_public,
            consents=frozenset(each.value for each in Service),
        )
    )


def ensure_person(directory: Directory, principal_name: str, name: str, password: str) -> None:
    """Adds a person, unless there is one of this sign-in name."""
    if directory.person(principal_name) is not None:
        return
    kept = _hashed_once(password)
    directory.keep_person(
        Person(
            object_id=directory.object_id(f"person {principal_name}"),
            principal_name=principal_name,
            name=name,
            password=kept,
        )
    )


@functools.lru_cache(maxsize=16)
def _hashed_once(password: str) -> str:
    """Those whom a trial brings share a password, and directories in memory come by the thousand."""
    return hashed_password(password)
