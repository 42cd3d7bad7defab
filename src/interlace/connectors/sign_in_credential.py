"""By what a connection proves who it is: one value for every way of signing in that a service accepts."""

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKey:
    """A user with a web service access key or a password, sent as Basic."""

    user: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAddress:
    """A client id with its secret, changed for tokens at one plain address, without any discovery."""

    url: str
    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSecret:
    """An app registration with a client secret, at an authority such as https://login.microsoftonline.com/TENANT."""

    authority: str
    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCertificate:
    """An app registration with a certificate: one PEM text that holds the private key and the certificate."""

    authority: str
    client_id: str
    pem: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCode:
    """A person who has signed in with a code on any device; `cache` is what the library remembered of it."""

    authority: str
    client_id: str
    cache: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowsAccount:
    """A Windows account with its domain, and its password, which itself is never sent."""

    user: str
    password: str = field(repr=False)


DirectoryCredential: TypeAlias = ClientSecret | ClientCertificate | DeviceCode
"""Credentials of the directory: Microsoft's library changes them for tokens."""
Credential: TypeAlias = AccessKey | TokenAddress | WindowsAccount | DirectoryCredential
