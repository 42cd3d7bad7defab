"""The embedded CRM as one ASGI application: `create_crm_sandbox`."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from interlace.sandbox.crm.access_rights import AccessRights
from interlace.sandbox.crm.callers import Callers
from interlace.sandbox.crm.change_tracking import ChangeTracking
from interlace.sandbox.crm.customizations import extended_schema, tracking_entry
from interlace.sandbox.crm.customizer import OWN_TABLES, Customizer, empty_image
from interlace.sandbox.crm.definitions import Definitions
from interlace.sandbox.crm.endpoint import CrmEndpoint, Place, roots_of
from interlace.sandbox.crm.first_start import (
    Founding,
    SalesUser,
    add_integration_account,
    add_sales_users,
    found_organization,
    name_accounts,
)
from interlace.sandbox.crm.operations import (
    SERVICE_VERSION,
    VERSION_ON_PREMISES,
    Operations,
    OrganizationFacts,
)
from interlace.sandbox.crm.option_sets import OptionSets
from interlace.sandbox.crm.reading import Reader
from interlace.sandbox.crm.record_requests import RecordRequests
from interlace.sandbox.crm.records import Records
from interlace.sandbox.crm.sales_app.application import AppOptions, SalesApp
from interlace.sandbox.crm.sales_app.record_addresses import ADDRESS, lead_to_record
from interlace.sandbox.crm.solutions.importing import foreseen_entries
from interlace.sandbox.crm.solutions.jobs import ImportJobs
from interlace.sandbox.crm.solutions.preparation import prepare_organization
from interlace.sandbox.crm.solutions.removal import uninstall
from interlace.sandbox.crm.usual_roles import ensure_salesperson_role
from interlace.sandbox.entity_store import EntityStore
from interlace.sandbox.identity import Directory, IdentityService, open_directory
from interlace.sandbox.identity.directory import Tenant
from interlace.sandbox.identity.founding import (
    INTEGRATION_CLIENT_ID,
    INTEGRATION_SECRET,
    PUBLIC_CLIENT_ID,
    ensure_application,
    ensure_person,
)
from interlace.sandbox.limits import LimitSettings, RequestLimits
from interlace.sandbox.record_ids import TimeOrderedIds
from interlace.sandbox.service import EdgeOptions, Page, SandboxApplication
from interlace.sandbox.windows_accounts import ADMINISTRATOR_ACCOUNT, INTEGRATION_ACCOUNT, windows_name

STORE_FILE = "crm.sqlite"
DIRECTORY_FILE = "identity.sqlite"
_BY_WINDOWS = "windows sign-in"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    """How the CRM is set up.

    What describes the organization counts on the first start only. `sales_users` are added on any start
    where they are missing. `limits` turns the service protection limits on. Secrets are those of a
    sandbox: they protect nothing. `randomness` makes ids, secrets and tokens repeatable. In memory, the
    records begin with an `image` that `records.store` gave of another service. People and applications sign in by a
    `directory` that other services may share; without one the CRM has its own.
    """

    organization_name: str = "Interlace Trading"
    unique_name: str = "interlace"
    organization_id: str = "7b1d3f52-6c0e-4a58-9d1b-3e0f4a6c2b90"
    tenant_id: str = "0e7c1a34-5b2d-4f68-8a90-b1c2d3e4f506"
    environment_id: str = "c2a5e8d1-47b3-4c96-a0f2-9d8e7c6b5a41"
    base_currency: tuple[str, str, str, int] = ("EUR", "Euro", "€", 2)
    administrator_email: str = "admin@interlace.invalid"
    integration_user_name: str = "Interlace Integration"
    client_id: str = INTEGRATION_CLIENT_ID
    client_secret: str = INTEGRATION_SECRET
    administrator_client_id: str = "1d2c3b4a-5f6e-4d7c-8b9a-0e1f2a3b4c5d"
    administrator_client_secret: str = "sandbox-admin-secret"  # noqa: S105 - protects nothing, see above
    administrator_password: str = "sandbox-admin"  # noqa: S105 - protects nothing, see above
    public_client_id: str = PUBLIC_CLIENT_ID
    sales_app_password: str = "sandbox-sales"  # noqa: S105 - protects nothing, see above
    token_life_seconds: int = 3_599
    expire_change_tracking_days: int = 7
    silent_when_delta_token_expired: bool = False
    untracked_tables: Sequence[str] = ()
    """Tables whose changes nobody has had tracked."""
    sales_users: Sequence[SalesUser] = ()
    limits: LimitSettings | None = None
    solutions: Sequence[bytes] = ()
    """Packages that are imported at the first start."""
    integration_roles: Sequence[str] = ("Interlace Integration User", "Interlace Integration Administrator")
    """Roles that the integration user gets at the first start, those of them that solutions bring."""
    # The sources disagree on whether a line's base amount is before or after its volume discount.
    base_amount_before_volume_discount: bool = False
    now: Callable[[], datetime] = _now
    randomness: random.Random | None = None
    image: bytes | None = None
    directory: Directory | None = None
    enforces_privileges: bool = True
    """Whether what a caller may do follows from the roles; else everybody may do everything."""
    organization: str = ""
    """Served on premises, below this name: by older versions, and without the bulk messages that are newer."""
    windows_sign_in: bool = False
    """Whether the organization's own users are Windows accounts; who signs them in stands before the service."""
    integration_user: bool = True
    """Whether the organization begins with a user for the integration's application."""


class CrmSandbox(SandboxApplication):
    """The application with what tests and the command line ask it for."""

    records: Records
    tokens: Callers
    identity: IdentityService
    options: SandboxOptions

    def access_token(self) -> str:
        """A bearer token of the integration user, without the detour over the token endpoint."""
        user_id = self.records.store.read_state("integration_user")
        assert user_id is not None
        return self.tokens.give(user_id)

    def close(self) -> None:
        """Closes the store, and the directory unless others use it."""
        self.records.store.close()
        if self.options.directory is None:
            self.identity.directory.close()


def create_crm_sandbox(state_dir: Path | None, options: SandboxOptions | None = None) -> CrmSandbox:
    """Opens (or founds) the CRM in a directory, or in memory when none is given."""
    options = options if options is not None else SandboxOptions()
    if state_dir is not None:
        state_dir.mkdir(parents=True, exist_ok=True)
    path = None if state_dir is None else state_dir / STORE_FILE
    store, customizer = _open_store(path, options)
    schema = customizer.schema
    option_sets = OptionSets(schema, store)
    records = Records(
        schema, store, option_sets, TimeOrderedIds(options.now, options.randomness), options.now
    )
    records.offers_bulk = not options.organization
    customizer.serve(records)
    records.uninstall = partial(uninstall, records, customizer)
    records.pricing.base_before_volume_discount = options.base_amount_before_volume_discount
    _found(records, customizer, options)
    secret = bytes.fromhex(store.read_state("secret") or "")
    reader = Reader(records, secret)
    tracking = ChangeTracking(records, reader, silent_when_expired=options.silent_when_delta_token_expired)
    identity = IdentityService(
        _directory(state_dir, options),
        life_seconds=options.token_life_seconds,
        randomness=options.randomness,
    )
    rights = AccessRights(records, enforced=options.enforces_privileges)
    callers = Callers(records, identity.tokens, options.administrator_client_id)
    facts = OrganizationFacts(
        tenant_id=options.tenant_id,
        environment_id=options.environment_id,
        unique_name=options.organization or options.unique_name,
        version=VERSION_ON_PREMISES if options.organization else SERVICE_VERSION,
    )
    endpoint = CrmEndpoint(
        records,
        RecordRequests(records, reader, tracking, rights),
        Operations(records, facts, ImportJobs(records, customizer)),
        Definitions(records, customizer),
        callers,
        Place(roots=roots_of(options.organization), authority=f"{options.tenant_id}/oauth2/authorize"),
        rights,
    )
    limits = RequestLimits(options.limits) if options.limits is not None else None
    edge = EdgeOptions(limits=limits, monotonic=lambda: options.now().timestamp())
    pages: dict[str, Page] = {"/": identity.page}
    app_options = AppOptions(
        password=options.sales_app_password, now=options.now, randomness=options.randomness
    )
    pages["/app/"] = SalesApp(records, endpoint, app_options).page
    pages[f"/{options.organization}{ADDRESS}" if options.organization else ADDRESS] = lead_to_record
    application = CrmSandbox([endpoint], pages=pages, options=edge)
    application.records = records
    application.tokens = callers
    application.identity = identity
    application.options = options
    return application


def _open_store(path: Path | None, options: SandboxOptions) -> tuple[EntityStore, Customizer]:
    """The store with room for all tables, those of the first start's solutions included."""
    is_first_start = options.image is None if path is None else not path.exists()
    if is_first_start:
        foreseen = foreseen_entries(tuple(options.solutions))
        image = empty_image(extended_schema(foreseen))
        if path is not None:
            # Under its name the file is whole: a start that is cut off leaves nothing half.
            draft = path.with_suffix(".new")
            draft.write_bytes(image)
            draft.replace(path)
        store = EntityStore(path, OWN_TABLES, image=image if path is None else None)
        return store, Customizer(store, foreseen, has_room=True)
    store = EntityStore(path, OWN_TABLES, image=options.image)
    is_new = store.read_state("organization") is None
    return store, Customizer(store, foreseen_entries(tuple(options.solutions)) if is_new else ())


def _found(records: Records, customizer: Customizer, options: SandboxOptions) -> None:
    store = records.store
    with store.transaction():
        if store.read_state("organization") is None:
            randomness = options.randomness or random.SystemRandom()
            store.write_state("secret", randomness.randbytes(32).hex())
            code, name, symbol, precision = options.base_currency
            found_organization(
                records,
                Founding(
                    organization_name=options.organization_name,
                    organization_id=options.organization_id,
                    base_currency=(code, name, symbol, precision),
                    administrator_email=options.administrator_email,
                    client_id=options.client_id,
                    integration_user_name=options.integration_user_name if options.integration_user else None,
                    expire_change_tracking_days=options.expire_change_tracking_days,
                ),
            )
        administrator = store.read_state("administrator")
        assert administrator is not None
        if store.read_state("solutions") is None:
            prepare_organization(records, customizer, options.solutions, options.integration_roles)
            customizer.change(tracking_entry(name, enabled=False) for name in options.untracked_tables)
            store.write_state("solutions", "imported")
        _name_accounts(records, options)
        add_sales_users(records, options.sales_users, administrator)
        ensure_salesperson_role(records, administrator)


def _name_accounts(records: Records, options: SandboxOptions) -> None:
    """Have the organization's own users sign in by Windows accounts, or no longer."""
    if options.windows_sign_in:
        account = windows_name(INTEGRATION_ACCOUNT)
        if records.store.read_state("integration_user") is None:
            add_integration_account(records, account, options.integration_user_name)
        name_accounts(records, windows_name(ADMINISTRATOR_ACCOUNT), account)
        records.store.write_state(_BY_WINDOWS, "yes")
    elif records.store.read_state(_BY_WINDOWS) == "yes":
        name_accounts(records, options.administrator_email, f"{options.client_id}@interlace.invalid")
        records.store.write_state(_BY_WINDOWS, "no")


def _directory(state_dir: Path | None, options: SandboxOptions) -> Directory:
    """The directory in which the CRM's applications and people stand; what is missing is added."""
    directory = options.directory
    if directory is None:
        path = None if state_dir is None else state_dir / DIRECTORY_FILE
        directory = open_directory(path, tenant=Tenant(tenant_id=options.tenant_id), now=options.now)
    for client_id, name, secret in (
        (options.client_id, "Interlace Integration", options.client_secret),
        (options.administrator_client_id, "Interlace Administration", options.administrator_client_secret),
    ):
        ensure_application(directory, client_id, name, secret=secret)
    ensure_application(directory, options.public_client_id, "Interlace Sign-in", is_public=True)
    email = options.administrator_email
    ensure_person(directory, email, "System Administrator", options.administrator_password)
    for user in options.sales_users:
        ensure_person(directory, user.email, user.full_name, options.sales_app_password)
    return directory
