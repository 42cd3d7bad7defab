"""Which page services a connection needs of the ERP, which of them are missing, and files that publish them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.own_mappings import own_mappings
from interlace.bootstrap.privileges import needed_privileges
from interlace.connectors.business_central.capabilities import NO_ACTIONS, ServiceGap
from interlace.connectors.business_central.page_objects import EXTENSION_PAGE, OBJECT_TYPE, PAGE_OBJECTS
from interlace.connectors.business_central.published_fields import PUBLISHED_VIRTUAL_FIELDS
from interlace.connectors.business_central.published_tables import PUBLISHED_TABLES
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.privilege import Access, Need
from interlace.domain.side import Side
from interlace.engine.ports import TableView
from interlace.lead_to_cash.mapping_names import SALESORDER_ORDER
from interlace.lead_to_cash.needed_privileges import CONNECTION, Needs
from interlace.lead_to_cash.order_sagas import orders_sagas
from interlace.locale.translatable import translatable

_ITSELF = translatable("the connection itself")
_LIMITS: Mapping[str, tuple[str, str]] = {
    "EpochMarkers": (
        _ITSELF,
        translatable(
            "Everything runs without it; a restored backup of the ERP is noticed by other signs only, and "
            "later."
        ),
    ),
    "SalesCommentLines": (
        SALESORDER_ORDER,
        translatable(
            "Orders go on without it; notes of the CRM do not become comment lines of their ERP orders."
        ),
    ),
    "PostedSalesInvoiceSalesInvLines": (
        SALESORDER_ORDER,
        translatable("Orders go on without it; they can't tell why an invoice comes to another amount."),
    ),
}
"""Services that their one user does without: who that is, and what is limited then."""
_SERIES = ("NoSeries", "SalesReceivablesSetup", "MarketingSetup", "InventorySetup", "ResourcesSetup")
"""They tell whether the ERP chooses the numbers of new records; without them it shows at the first create."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededService:
    """A page service and what needs it."""

    service: str
    page: int
    """Number of the page in the product; 0: the ERP extension brings it, or it is one of the users' own."""
    caption: str
    needed_by: tuple[str, ...]
    is_own: bool = False
    """Users added a mapping of it: it is published already, and which page is behind it the ERP does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LackOfMapping:
    """Something that the ERP does not publish, and who needs it."""

    gap: ServiceGap
    needed_by: tuple[str, ...]

    @property
    def limits(self) -> str:
        """What is limited although nothing stops; blank: the mappings that need it stop."""
        user, limits = _LIMITS.get(self.gap.service, ("", ""))
        is_whole = not (self.gap.fields or self.gap.verbs or self.gap.limit)
        return limits if is_whole and self.needed_by == (user,) else ""

    @property
    def stops_everything(self) -> bool:
        """Tell whether nothing runs without it; else only the mappings that need it stop."""
        return _ITSELF in self.needed_by and self.gap.service not in _LIMITS

    @property
    def what(self) -> str:
        """Say what is missing and, where nothing stops for it, what is limited."""
        return f"{self.gap.what} {self.limits}".rstrip()


def needed_services(application: Application, connection: Connection) -> list[NeededService]:
    """Return every page service that the mappings that take part and the switches need, in path order."""
    services = {table.name: table.service for table in PUBLISHED_TABLES}
    own = {each.erp_table: each.erp_service for each in own_mappings(connection.settings)}
    services = own | services
    users: dict[str, dict[str, None]] = {}
    mappings = application.mappings(connection)
    for need, names in needed_privileges(application, connection).items():
        if need.side is Side.ERP and need.table in services:
            users.setdefault(services[need.table], {}).update(dict.fromkeys(names))
    for name in application.taking_part(connection):
        for service in _virtual_services(mappings[name]):
            users.setdefault(service, {})[name] = None
    for service in _SERIES:
        users.setdefault(service, {})[translatable("numbers of new records")] = None
    return [_needed(service, tuple(names), own.values()) for service, names in users.items()]


async def lacking_services(
    application: Application, connection: Connection, ends: Ends
) -> tuple[LackOfMapping, ...]:
    """Return what the ERP does not publish: services, fields of mappings, and leave to write."""
    needs = needed_privileges(application, connection)
    found: dict[ServiceGap, dict[str, None]] = {}
    for name, table, fields in _tables_read(application, connection):
        await _note(ends, found, table, fields, accesses_of(needs, name, table), name)
    settings = connection.settings
    if settings.bidirectional_orders and not settings.has_erp_api:
        found[NO_ACTIONS] = {SALESORDER_ORDER: None}
    known = {table.name for table in PUBLISHED_TABLES}
    for table in dict.fromkeys(need.table for need in needs if need.side is Side.ERP and need.table in known):
        for user in _users(needs, table):
            await _note(ends, found, table, (), accesses_of(needs, user, table), user)
    return tuple(LackOfMapping(gap=gap, needed_by=tuple(names)) for gap, names in found.items())


def _tables_read(
    application: Application, connection: Connection
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield each mapping that takes part with each ERP table that it reads, and the fields that it can't do without."""
    mappings = application.mappings(connection)
    for name in application.taking_part(connection):
        mapping = mappings[name]
        if not mapping.run_by_saga:
            yield name, mapping.erp_table, mapping.erp_fields
            continue
        for table, fields in fields_of_orders(two_way=connection.settings.bidirectional_orders).items():
            yield name, table, fields


def fields_of_orders(*, two_way: bool) -> Mapping[str, tuple[str, ...]]:
    """Return the ERP tables that orders are decided by, with the fields that the decisions read."""
    found: dict[str, dict[str, None]] = {}
    for saga in orders_sagas(two_way=two_way):
        for look in saga.looks:
            if look.side is Side.ERP and not look.may_lack:
                names = look.fields if look.field is None else (*look.fields, look.field)
                found.setdefault(look.table, {}).update(dict.fromkeys(names))
    return {table: tuple(names) for table, names in found.items()}


async def _note(
    ends: Ends,
    found: dict[ServiceGap, dict[str, None]],
    table: str,
    fields: tuple[str, ...],
    accesses: Iterable[Access],
    name: str,
) -> None:
    view = TableView(side=Side.ERP, table=table, fields=fields)
    for gap in await ends.erp.gaps(view, accesses):
        found.setdefault(gap, {})[_ITSELF if name == CONNECTION else name] = None


def accesses_of(needs: Needs, name: str, table: str) -> tuple[Access, ...]:
    """Return how somebody uses an ERP table."""
    return tuple(
        access for access in Access if name in needs.get(Need(side=Side.ERP, table=table, access=access), ())
    )


def _users(needs: Needs, table: str) -> list[str]:
    every = (names for need, names in needs.items() if need.side is Side.ERP and need.table == table)
    return list(dict.fromkeys(name for names in every for name in names))


def _virtual_services(mapping: IntegrationTableMapping) -> list[str]:
    return [
        field.service
        for field in PUBLISHED_VIRTUAL_FIELDS
        if field.table == mapping.erp_table and not mapping.run_by_saga
    ]


def _needed(service: str, names: tuple[str, ...], own: Collection[str]) -> NeededService:
    page = PAGE_OBJECTS.get(service)
    return NeededService(
        is_own=page is None and service in own,
        service=service if page is None or not page.part_of else page.part_of,
        page=EXTENSION_PAGE if page is None else page.number,
        caption=service if page is None else page.caption,
        needed_by=tuple(_ITSELF if name == CONNECTION else name for name in names),
    )


def _publishable(services: Iterable[NeededService]) -> Mapping[str, NeededService]:
    return {each.service: each for each in services if each.page != EXTENSION_PAGE}


_SCRIPT = """\
# Publishes the pages that Interlace reads and writes as web services.
# Run it in the administration shell of Dynamics NAV or Business Central (on premises), as an administrator:
#   powershell -File {name} -ServerInstance DynamicsNAV110
# Services that exist already are left as they are, so it can be run again.
# With -OwnPages, services show Interlace's own page in NAV where there is one, instead of the product's:
# `interlace erp-services file --out pages.txt` writes those pages.
param(
    [Parameter(Mandatory = $true)] [string] $ServerInstance,
    [switch] $OwnPages
)
$ErrorActionPreference = 'Stop'
$services = @(
{rows}
)
foreach ($service in $services) {{
    if ($OwnPages -and $service.Own) {{ $service.Id = $service.Own }}
    $held = Get-NAVWebService -ServerInstance $ServerInstance |
        Where-Object {{ $_.ServiceName -eq $service.Name -and $_.ObjectType -eq '{kind}' }}
    if ($held -and $OwnPages -and $service.Own -and $held.ObjectID -ne $service.Own) {{
        Remove-NAVWebService -ServerInstance $ServerInstance -ServiceName $service.Name -ObjectType {kind} -Force
        $held = $null
    }}
    if ($held) {{
        Write-Host "$($service.Name): exists already, object $($held.ObjectID)"
        continue
    }}
    New-NAVWebService -ServerInstance $ServerInstance -ServiceName $service.Name `
        -ObjectType {kind} -ObjectId $service.Id -Published $true
    Write-Host "$($service.Name): published"
}}
"""


def publishing_script(services: Iterable[NeededService], name: str, own: Mapping[str, int]) -> str:
    """Return a PowerShell script for NAV and Business Central on premises; `own` are pages of ours by service."""
    rows = "\n".join(
        f"    @{{ Name = '{service}'; Id = {each.page}{_own(own, service)} }} # {each.caption}"
        for service, each in _publishable(services).items()
    )
    return _SCRIPT.format(name=name, rows=rows, kind=OBJECT_TYPE)


def _own(pages: Mapping[str, int], service: str) -> str:
    return f"; Own = {pages[service]}" if service in pages else ""


def publishing_xml(services: Iterable[NeededService]) -> str:
    """Return the file of tenant web services that an AL extension brings along; for Business Central online."""
    rows = "".join(
        "    <TenantWebService>\n"
        f"      <ObjectType>{OBJECT_TYPE}</ObjectType>\n"
        f"      <ObjectID>{each.page}</ObjectID>\n"
        f"      <ServiceName>{service}</ServiceName>\n"
        "      <Published>true</Published>\n"
        "    </TenantWebService>\n"
        for service, each in _publishable(services).items()
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<ExportedData>\n  <TenantWebServiceCollection>\n'
        f"{rows}  </TenantWebServiceCollection>\n</ExportedData>\n"
    )
