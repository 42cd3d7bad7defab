"""The users of the embedded ERP, looked after while the service is stopped."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from uuid import UUID

from interlace.bootstrap.sandbox_directory import open_shared_directory
from interlace.bootstrap.sandbox_server import SandboxNotStarted
from interlace.bootstrap.state_lock import held_alone
from interlace.locale.translatable import translatable
from interlace.sandbox.erp.application_server import ErpSandbox, ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.declaration import BLANK_DATETIME, BLANK_GUID
from interlace.sandbox.erp.field_values import stamp
from interlace.sandbox.erp.page_services import PAGE_SERVICES
from interlace.sandbox.erp.permission_sets import ALL, PERMISSION_SETS
from interlace.sandbox.erp.permissions import USUAL
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.seed_company import COMPANY_NAME
from interlace.sandbox.erp.tables import TABLES


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpUser:
    """A user as its operator sees him, without what he signs in with."""

    name: str
    full_name: str
    email: str
    enabled: bool
    administrator: bool
    has_key: bool
    key_expires: str
    """Blank: without end."""
    has_feed_token: bool
    application: str
    """Client id of the application that acts as this user; blank: none."""
    permission_sets: str

    @classmethod
    def of(cls, record: Record, permission_sets: Sequence[str]) -> Self:
        """Make the user of the ERP's record."""
        expiry, application = record.text("Web_Service_Key_Expiry"), record.text("Application_ID")
        return cls(
            name=record.text("User_Name"),
            full_name=record.text("Full_Name"),
            email=record.text("Authentication_Email"),
            enabled=record.values["State"] == "Enabled",
            administrator=bool(record.values["Administrator"]),
            has_key=bool(record.values["Has_Web_Service_Key"]),
            key_expires="" if expiry == BLANK_DATETIME else expiry,
            has_feed_token=bool(record.values["Has_Feed_Token"]),
            application="" if application == BLANK_GUID else application,
            permission_sets="; ".join(permission_sets),
        )


@contextmanager
def stopped_erp(state: Path) -> Iterator[ErpSandbox]:
    """Open the embedded ERP of a directory; raises SandboxNotStarted while it is served, or without an ERP there."""
    directory = state / "erp"
    if not (directory / "erp.sqlite").exists():
        msg = translatable(
            "{directory} holds no embedded ERP. Name its directory with --state, or start it there once.",
            directory=str(directory),
        )
        raise SandboxNotStarted(msg)
    with held_alone(directory), closing(open_shared_directory(state)) as identity:
        erp = create_erp_sandbox(directory, ErpSandboxOptions(company=COMPANY_NAME, directory=identity))
        try:
            yield erp
        finally:
            erp.close()


def erp_users(erp: ErpSandbox) -> list[ErpUser]:
    """Return the users by name."""
    return [_shown(erp, each) for each in erp.users.all()]


def add_user(
    erp: ErpSandbox,
    name: str,
    *,
    full_name: str,
    email: str,
    administrator: bool,
    permission_sets: Sequence[str] = (),
) -> str:
    """Add a user and return his key, which is told this once; raises SandboxNotStarted for a name that is taken."""
    if not name.strip():
        raise SandboxNotStarted(translatable("The user's name is blank. Give him a name, such as CLERK."))
    if erp.users.find(name) is not None:
        msg = translatable(
            "There is a user {user} already. `interlace sandbox erp-users change-key` gives him a new key.",
            user=name.upper(),
        )
        raise SandboxNotStarted(msg)
    _require_sets(erp, permission_sets)
    erp.users.add(
        name,
        full_name=full_name,
        email=email,
        administrator=administrator,
        permission_sets=permission_sets or (USUAL,),
    )
    return erp.users.set_key(name)


def change_key(erp: ErpSandbox, name: str, expires: datetime | None) -> str:
    """Give a user a new key and return it, this once; the old one and his feed token end."""
    _find(erp, name)
    if expires is not None and expires.tzinfo is None:
        expires = expires.replace(tzinfo=UTC)
    if expires is not None and expires <= erp.records.now():
        raise SandboxNotStarted(translatable("The key's end has passed already. Give a later one, or none."))
    return erp.users.set_key(name, expiry=BLANK_DATETIME if expires is None else stamp(expires))


def set_enabled(erp: ErpSandbox, name: str, *, enabled: bool) -> ErpUser:
    """Let a user sign in, or no longer."""
    user = _find(erp, name)
    return _shown(erp, erp.erp.change(user, {"State": "Enabled" if enabled else "Disabled"}))


def grant(erp: ErpSandbox, name: str, permission_sets: Sequence[str]) -> ErpUser:
    """Let a user have these permission sets and no others; raises SandboxNotStarted for one that doesn't exist."""
    user = _find(erp, name)
    _require_sets(erp, permission_sets)
    erp.users.permissions.give(user.text("User_Name"), permission_sets)
    return _shown(erp, user)


def permission_sets(erp: ErpSandbox) -> dict[str, dict[str, str]]:
    """Return the permission sets: what each lets its users do with which table."""
    return {name: dict(rights) for name, rights in erp.users.permissions.sets().items()}


def define_permission_set(erp: ErpSandbox, name: str, rights: Mapping[str, str]) -> None:
    """Add a permission set, or change one that was added; raises SandboxNotStarted for unknown tables or rights."""
    if not name.strip() or name in PERMISSION_SETS:
        raise SandboxNotStarted(
            translatable("The permission set {name} can't be changed. Choose another name.", name=repr(name))
        )
    for table, letters in rights.items():
        if table not in TABLES or not letters or set(letters) - set(ALL):
            msg = translatable(
                "{table}={letters} is no permission. Write TABLE=RIMD with some of these letters.",
                table=table,
                letters=letters,
            )
            raise SandboxNotStarted(msg)
    erp.users.permissions.define(name, rights)


def _require_sets(erp: ErpSandbox, names: Sequence[str]) -> None:
    known = erp.users.permissions.sets()
    for name in names:
        if name not in known:
            raise SandboxNotStarted(
                translatable(
                    "There is no permission set {name}. There are: {known}.",
                    name=name,
                    known="; ".join(known),
                )
            )


def _shown(erp: ErpSandbox, user: Record) -> ErpUser:
    return ErpUser.of(user, erp.users.permissions.sets_of(user.text("User_Name")))


def set_application(erp: ErpSandbox, name: str, client_id: str | None) -> ErpUser:
    """Let an application act as a user, or none; raises SandboxNotStarted for what is no client id."""
    user = _find(erp, name)
    try:
        application = BLANK_GUID if client_id is None else str(UUID(client_id))
    except ValueError as problem:
        msg = translatable(
            "{client_id} is no client id. It looks like {example}; `interlace sandbox apps list` shows them.",
            client_id=str(client_id),
            example=BLANK_GUID,
        )
        raise SandboxNotStarted(msg) from problem
    return _shown(erp, erp.erp.change(user, {"Application_ID": application}))


def services(erp: ErpSandbox) -> dict[str, bool]:
    """Return the page services by name, and whether each is published."""
    withdrawn = erp.published.withdrawn
    return {name: name not in withdrawn for name in sorted(PAGE_SERVICES)}


def publish(erp: ErpSandbox, names: Sequence[str], *, published: bool) -> dict[str, bool]:
    """Publish page services, or no longer; raises SandboxNotStarted for one that doesn't exist."""
    unknown = [name for name in names if name not in PAGE_SERVICES]
    if unknown:
        msg = translatable(
            "There is no page service {service}. Names count with their letter case: see the list.",
            service=unknown[0],
        )
        raise SandboxNotStarted(msg)
    if published:
        erp.published.publish(names)
    else:
        erp.published.withdraw(names)
    return dict.fromkeys(names, published)


def _find(erp: ErpSandbox, name: str) -> Record:
    user = erp.users.find(name)
    if user is None:
        names = ", ".join(each.name for each in erp_users(erp))
        raise SandboxNotStarted(
            translatable("There is no user {name}. Users: {names}.", name=name, names=names)
        )
    return user
