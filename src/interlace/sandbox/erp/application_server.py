"""Puts the embedded ERP together: store, company, users, the two OData roots, and the ASGI application."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from interlace.sandbox.erp.api_sets import API_SETS
from interlace.sandbox.erp.application import Application, ApplicationOptions
from interlace.sandbox.erp.company import Company, Users, open_company
from interlace.sandbox.erp.erp_endpoint import EndpointOptions, ErpEndpoint
from interlace.sandbox.erp.erp_records import ErpRecords
from interlace.sandbox.erp.page_services import PAGE_SERVICES
from interlace.sandbox.erp.row_loading import Row, load_rows
from interlace.sandbox.erp.rules import RULES
from interlace.sandbox.limits import LimitSettings, RequestLimits
from interlace.sandbox.service import EdgeOptions, SandboxApplication

_FILE = "erp.sqlite"
_LOADED = "company loaded"

# Five running requests and ninety-five waiting ones, six thousand in five minutes.
_LIMITS = LimitSettings(requests=6_000, execution_seconds=1e9, concurrent=100, window_seconds=300.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpSandboxOptions:
    """The switches of an ERP sandbox.

    `access_key` None keeps the user's key, or makes one at first start (`ErpSandbox.access_key` tells it). `seed`
    gives the rows of the company at first start. `editable_ids` accepts posted ids as an extension's pages do.
    """

    company: str = "Nordlicht"
    user: str = "INTERLACE"
    access_key: str | None = None
    instance: str = "BC"
    limits: bool = False
    editable_ids: bool = False
    manual_numbers: bool = True
    count_with_bom: bool = True
    seed: Callable[[], Iterable[Row]] | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class ErpSandbox(SandboxApplication):
    """The ASGI application with what its operator needs to know."""

    records: ErpRecords
    erp: Application
    company: Company
    users: Users
    access_key: str

    def close(self) -> None:
        """Write the log back and close the file."""
        self.records.store.close()


def create_erp_sandbox(state_dir: Path | None, options: ErpSandboxOptions | None = None) -> ErpSandbox:
    """Open (or create) the ERP whose records live in a directory; None keeps them in memory.

    The company's rows are loaded at first start; a start that was interrupted while loading begins anew.
    """
    chosen = options if options is not None else ErpSandboxOptions()
    records = _open_records(state_dir, chosen)
    company = open_company(records.store, chosen.company)
    users = Users(records.store)
    key = users.keys.get(chosen.user.upper())
    if key is None or (chosen.access_key is not None and chosen.access_key != key):
        key = users.set_key(chosen.user, chosen.access_key)
    erp = Application(records, RULES, ApplicationOptions(manual_numbers=chosen.manual_numbers))
    api = ErpEndpoint(erp, company, users, API_SETS, _endpoint_options(chosen, "api/v2.0", is_api=True))
    pages = ErpEndpoint(erp, company, users, PAGE_SERVICES, _endpoint_options(chosen, "ODataV4", is_api=False))
    limits = RequestLimits(_LIMITS) if chosen.limits else None
    app = ErpSandbox([api, pages], options=EdgeOptions(limits=limits))
    app.records, app.erp, app.company, app.users, app.access_key = records, erp, company, users, key
    return app


def _endpoint_options(chosen: ErpSandboxOptions, service: str, *, is_api: bool) -> EndpointOptions:
    return EndpointOptions(
        roots=(f"/{chosen.instance}/{service}/", f"/v2.0/{chosen.instance}/{service}/"),
        is_api=is_api,
        editable_ids=chosen.editable_ids,
        count_with_bom=chosen.count_with_bom,
    )


def _open_records(state_dir: Path | None, chosen: ErpSandboxOptions) -> ErpRecords:
    path = None
    if state_dir is not None:
        state_dir.mkdir(parents=True, exist_ok=True)
        path = state_dir / _FILE
    records = ErpRecords(path, chosen.now)
    if chosen.seed is None or records.store.read_state(_LOADED) is not None:
        return records
    if path is not None and _has_rows(records):
        records.store.close()
        for file in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            file.unlink(missing_ok=True)
        records = ErpRecords(path, chosen.now)
    load_rows(records, chosen.seed())
    with records.transaction():
        records.store.write_state(_LOADED, "yes")
    return records


def _has_rows(records: ErpRecords) -> bool:
    return any(records.store.count(name) for name in records.layouts)
