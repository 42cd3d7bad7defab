"""The directory by which both embedded services sign applications and people in, and who stands in it.

It may be changed while the services run: what is changed counts for the next sign-in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from interlace.bootstrap.sandbox_server import SandboxNotStarted
from interlace.locale.translatable import translatable
from interlace.sandbox.identity import Directory, Person, Registration, open_directory
from interlace.sandbox.identity.founding import NEVER
from interlace.sandbox.identity.registrations import ClientSecret, hashed_password

_FILE = "identity.sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownApplication:
    """An application as its operator sees it, without what it proves itself by."""

    client_id: str
    name: str
    enabled: bool
    signs_people_in: bool
    """By device code, without a secret."""
    secrets: str
    """When each secret ends."""
    certificates: str
    """When each certificate ends."""
    services: str
    """What an administrator has let it use."""

    @classmethod
    def of(cls, registration: Registration) -> Self:
        """Make it of the directory's entry."""
        ends = [x509.load_pem_x509_certificate(pem.encode()) for pem in registration.certificates]
        return cls(
            client_id=registration.client_id,
            name=registration.name,
            enabled=not registration.is_disabled,
            signs_people_in=registration.is_public,
            secrets=", ".join(_end(each.expires) for each in registration.secrets),
            certificates=", ".join(_end(each.not_valid_after_utc) for each in ends),
            services=", ".join(sorted(registration.consents)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPerson:
    """A person as the operator sees him."""

    name: str
    full_name: str
    enabled: bool

    @classmethod
    def of(cls, person: Person) -> Self:
        """Make it of the directory's entry."""
        return cls(name=person.principal_name, full_name=person.name, enabled=not person.is_disabled)


def _end(moment: datetime) -> str:
    return "never" if moment >= NEVER else f"{moment:%Y-%m-%d %H:%M}"


def open_shared_directory(state: Path) -> Directory:
    """Open the directory of a state directory; it is founded at first."""
    try:
        return open_directory(state / _FILE)
    except OSError as problem:
        msg = translatable(
            "The directory {directory} can't be used: {problem}. Choose another one with --state.",
            directory=str(state),
            problem=str(problem.strerror),
        )
        raise SandboxNotStarted(msg) from problem


@contextmanager
def shared_directory(state: Path) -> Iterator[Directory]:
    """Open the directory that services have been started with; raises SandboxNotStarted without one."""
    if not (state / _FILE).exists():
        msg = translatable(
            "{directory} holds no embedded service. Name its directory with --state, or start one "
            "there once.",
            directory=str(state),
        )
        raise SandboxNotStarted(msg)
    directory = open_shared_directory(state)
    try:
        yield directory
    finally:
        directory.close()


# --- applications


def register(
    directory: Directory, client_id: str, name: str, *, services: frozenset[str], is_public: bool
) -> ShownApplication:
    """Add an application without a secret; raises SandboxNotStarted for a client id that is taken."""
    if directory.application(client_id) is not None:
        msg = translatable(
            "There is an application {client_id} already. Give it a secret with `sandbox apps add-secret`.",
            client_id=client_id,
        )
        raise SandboxNotStarted(msg)
    registration = Registration(
        client_id=client_id.lower(), name=name, is_public=is_public, consents=services
    )
    directory.keep_application(registration)
    return ShownApplication.of(registration)


def add_secret(
    directory: Directory, client_id: str, secret: str, expires: datetime | None
) -> ShownApplication:
    """Give an application one more secret."""
    held = _application(directory, client_id)
    end = NEVER if expires is None else expires if expires.tzinfo else expires.replace(tzinfo=UTC)
    added = ClientSecret.of(secret, directory.object_id(f"{client_id} {len(held.secrets) + 1}"), end)
    return _kept(directory, replace(held, secrets=(*held.secrets, added)))


def expire_secrets(directory: Directory, client_id: str) -> ShownApplication:
    """End all secrets of an application now."""
    held = _application(directory, client_id)
    now = directory.now()
    ended = tuple(replace(each, expires=min(each.expires, now)) for each in held.secrets)
    return _kept(directory, replace(held, secrets=ended))


def add_certificate(directory: Directory, client_id: str, pem: bytes) -> ShownApplication:
    """Let an application prove itself by a certificate; raises SandboxNotStarted for what is none."""
    held = _application(directory, client_id)
    try:
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError as problem:
        msg = translatable("The file holds no certificate in PEM form. Give the certificate without its key.")
        raise SandboxNotStarted(msg) from problem
    text = certificate.public_bytes(Encoding.PEM).decode()
    return _kept(directory, replace(held, certificates=(*held.certificates, text)))


def set_application_enabled(directory: Directory, client_id: str, *, enabled: bool) -> ShownApplication:
    """Let an application sign in, or no longer."""
    return _kept(directory, replace(_application(directory, client_id), is_disabled=not enabled))


def set_services(directory: Directory, client_id: str, services: frozenset[str]) -> ShownApplication:
    """Say which services an administrator lets an application use."""
    return _kept(directory, replace(_application(directory, client_id), consents=services))


def _application(directory: Directory, client_id: str) -> Registration:
    held = directory.application(client_id)
    if held is None:
        known = ", ".join(f"{each.client_id} ({each.name})" for each in directory.applications())
        msg = translatable(
            "There is no application {client_id}. Applications: {known}.", client_id=client_id, known=known
        )
        raise SandboxNotStarted(msg)
    return held


def _kept(directory: Directory, registration: Registration) -> ShownApplication:
    directory.keep_application(registration)
    return ShownApplication.of(registration)


# --- people


def set_person(directory: Directory, name: str, full_name: str, password: str) -> ShownPerson:
    """Add a person, or give him another password; what he signed in to before must be signed in to anew."""
    held = directory.person(name)
    person = Person(
        object_id=directory.object_id(f"person {name}") if held is None else held.object_id,
        principal_name=name if held is None else held.principal_name,
        name=full_name or (name if held is None else held.name),
        password=hashed_password(password),
        is_disabled=held is not None and held.is_disabled,
    )
    directory.keep_person(person)
    return ShownPerson.of(person)


def set_person_enabled(directory: Directory, name: str, *, enabled: bool) -> ShownPerson:
    """Let a person sign in, or no longer."""
    held = directory.person(name)
    if held is None:
        known = ", ".join(each.principal_name for each in directory.people())
        msg = translatable("There is nobody named {name}. People: {known}.", name=name, known=known)
        raise SandboxNotStarted(msg)
    person = replace(held, is_disabled=not enabled)
    directory.keep_person(person)
    return ShownPerson.of(person)
