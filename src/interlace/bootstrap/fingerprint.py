"""Where a connection is at home: this memory, on this machine, between these two ends.

Two Interlaces that write for one connection undo each other's work, and a copy of the memory with test ends must
never write to the real ones. So a connection is bound when it is enabled, and a memory that finds itself elsewhere
refuses to write until a person binds it anew.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from interlace.bootstrap.connection_settings import (
    ConnectionProblem,
    ConnectionSettings,
    is_this_machine,
    require_enabled,
)
from interlace.bootstrap.ends import Ends
from interlace.locale.translatable import joined, translatable
from interlace.settings import Config

MACHINE_ID_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_SQLITE = "sqlite:///"
_READABLE = translatable(
    "Reading goes on meanwhile: `interlace verify`, `interlace synch --dry-run`, and all lists."
)


class NotAtHome(ConnectionProblem):
    """A connection was bound to another place or to other ends: nothing may be written until it is bound anew."""


def place_of(config: Config) -> str:
    """Name the memory: its file and this machine, or the address of its database.

    Machines without an id of their own (some containers) are told apart by the path alone.
    """
    url = config.database_url
    if url.startswith(_SQLITE):
        path = Path(url.removeprefix(_SQLITE)).resolve()
        return f"{path} on machine {machine_name()}"
    parts = urlsplit(url)
    if not parts.path.strip("/"):
        return ""
    hosts = [parts.hostname] if parts.hostname else parse_qs(parts.query).get("host", ["a local socket"])
    port = f":{parts.port}" if parts.port else ""
    address = f"database {parts.path.strip('/')} at {hosts[0]}{port}"
    is_local = not parts.hostname or is_this_machine(parts.hostname)
    return f"{address} on machine {machine_name()}" if is_local else address


def ends_of(settings: ConnectionSettings) -> str:
    """Name both ends: their hosts, the company's and the organization's ids."""
    erp = f"{_host(settings.erp_address)} company {settings.erp_company_id}"
    return f"ERP {erp}, CRM {_host(settings.crm_address)} organization {settings.crm_organization_id}"


def bound(settings: ConnectionSettings, config: Config) -> ConnectionSettings:
    """Return the settings bound to this place and to the ends that they name."""
    return replace(settings, bound_place=place_of(config), bound_ends=ends_of(settings))


def require_place(settings: ConnectionSettings, config: Config) -> None:
    """Refuse to write from a copied or moved memory; raises NotAtHome."""
    here = place_of(config)
    if not settings.bound_place or settings.bound_place == here:
        return
    told = translatable(
        "Nothing was written: the memory of the connection {name} was copied or moved. It was bound to {bound}, and "
        "is now {here}. Two copies that write undo each other's work. If the other one is stopped for good, bind "
        "this one with `interlace connection rebind {name}`.",
        name=settings.name,
        bound=settings.bound_place,
        here=here,
    )
    raise NotAtHome(joined([told, _READABLE]))


def require_ends(settings: ConnectionSettings) -> None:
    """Refuse to write to other ends than the connection is bound to; raises NotAtHome."""
    named = ends_of(settings)
    if not settings.bound_ends or settings.bound_ends == named:
        return
    told = translatable(
        "Nothing was written: the connection {name} is bound to {bound}, but now names {named}. Its couplings belong "
        "to records of the former. If these are the same records at another address, bind it with `interlace "
        "connection rebind {name}`; else change it back with `interlace connection change {name}`.",
        name=settings.name,
        bound=settings.bound_ends,
        named=named,
    )
    raise NotAtHome(joined([told, _READABLE]))


def require_home(settings: ConnectionSettings, config: Config) -> None:
    """Refuse to write elsewhere than where the connection is bound to; raises NotAtHome."""
    require_place(settings, config)
    require_ends(settings)


async def confirm_ends(settings: ConnectionSettings, ends: Ends) -> None:
    """Ask both ends who they are before anything is written to them; raises NotAtHome if they are others.

    Raises ConnectionProblem for a connection that is not enabled: nobody is asked over it.
    """
    require_enabled(settings)
    company = await ends.erp.company_id()
    organization = await ends.crm.organization_id()
    found = replace(settings, erp_company_id=company, crm_organization_id=organization)
    if ends_of(found) == ends_of(settings):
        return
    told = translatable(
        "Nothing was written: behind the addresses of the connection {name} now stand {found}, and it was made for "
        "{made}. If these hold the same records, bind it with `interlace connection rebind {name}`; else correct the "
        "addresses.",
        name=settings.name,
        found=ends_of(found),
        made=ends_of(settings),
    )
    raise NotAtHome(joined([told, _READABLE]))


def machine_name(files: Sequence[Path] = MACHINE_ID_FILES) -> str:
    """Name this machine by the id that its system keeps, without telling the id; `unnamed` where it keeps none."""
    for file in files:
        try:
            text = file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        if text:
            # The id itself is confidential; a digest of it, made for us alone, is not.
            return hashlib.blake2b(text.encode(), digest_size=6, person=b"interlace").hexdigest()
    return "unnamed"


def _host(address: str) -> str:
    """Name a service's host and path; services on this machine take a new port at every start."""
    parts = urlsplit(address)
    if is_this_machine(parts.hostname or ""):
        return "on this machine"
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.hostname}{port}{parts.path.rstrip('/')}"
