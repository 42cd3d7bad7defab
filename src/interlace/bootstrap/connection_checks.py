"""Checks of a connection: one line for each thing that must be right, with the remedy where it is not."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

import msgspec

from interlace.bootstrap.application import PARTNER_COLUMNS, Application, Connection
from interlace.bootstrap.connection_settings import CRM_TOKENS, ERP_TOKENS, SignInMethod
from interlace.bootstrap.credentials import needed_secrets, secret_of
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.erp_services import lacking_services
from interlace.bootstrap.privileges import missing_privileges, unknown_before
from interlace.bootstrap.secret_sources import SOURCES
from interlace.bootstrap.tracked_tables import untracked_tables
from interlace.connectors.business_central.permissions import PERMISSION_PAGE
from interlace.connectors.business_central.service import BusinessCentralFacts, UnknownCompany
from interlace.connectors.dataverse.service import DataverseFacts
from interlace.domain.side import Side
from interlace.engine.service import ServiceFailure, ServiceMismatch, ServiceUnavailable, SignInRefused

Facts = TypeVar("Facts")


class CheckState(Enum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    """Works, but a person should look at it."""
    PROBLEM = "problem"
    """Keeps Interlace from working."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    subject: str
    state: CheckState = CheckState.OK
    message: str
    remedy: str = ""
    is_sign_in: bool = False
    """A service refused the credentials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """How the checks of one end name what can be wrong, and what to do about it."""

    caption: str
    address: str
    change_address: str
    change_sign_in: str
    change_company: str = ""


def has_problem(checks: Iterable[Check]) -> bool:
    """Tell whether something keeps Interlace from working."""
    return any(check.state is CheckState.PROBLEM for check in checks)


async def check_connection(application: Application, connection: Connection) -> list[Check]:
    """Try both ends with the connection's settings; every problem is named, not only the first."""
    settings = connection.settings
    async with application.ends(connection, retries_max=1) as ends:
        erp, erp_checks = await _facts(_erp_end(connection), ends.erp.facts)
        crm, crm_checks = await _facts(_crm_end(connection), ends.crm.facts)
        checks = [*_secret_checks(application, connection), *erp_checks]
        if erp is not None:
            checks.append(Check(subject="ERP company", message=f"{erp.company_name}, id {erp.company_id}"))
            checks += await check_services(application, connection, ends)
        if ends.sales_orders is not None:
            checks += (await _facts(_order_end(connection), ends.sales_orders.facts))[1]
        checks += crm_checks
        if crm is not None:
            message = f"Organization {crm.organization_id} at {settings.crm_address}"
            checks.append(Check(subject="CRM organization", message=message))
            solution = await _check_solution(application, connection, ends)
            checks += solution
            if erp is not None and not has_problem(solution):
                checks += await _check_privileges(application, connection, ends)
            checks += await _check_tracking(application, connection, ends)
        if erp is not None and crm is not None:
            checks.append(_currency_check(erp, crm))
    return checks


def _erp_end(connection: Connection) -> _End:
    change = f"interlace connection change {connection.settings.name}"
    return _End(
        caption="ERP",
        address=connection.settings.erp_address,
        change_address=f"Start the ERP, or correct its address up to the instance: `{change} --erp URL`.",
        change_sign_in=_erp_sign_in_remedy(connection, change),
        change_company=f"Run `{change} --company NAME`.",
    )


def _order_end(connection: Connection) -> _End:
    change = f"interlace connection change {connection.settings.name}"
    return _End(
        caption="Sales order user",
        address=connection.settings.erp_address,
        change_address=f"Start the ERP, or correct its address up to the instance: `{change} --erp URL`.",
        change_sign_in="Correct the sales order user or his web service access key, or give him the right that is "
        f"named: `{change} --sales-order-user USER --sales-order-key-file FILE`.",
        change_company=f"Give the user {connection.settings.sales_order_user} the right to see the company.",
    )


def _crm_end(connection: Connection) -> _End:
    change = f"interlace connection change {connection.settings.name}"
    return _End(
        caption="CRM",
        address=connection.settings.crm_address,
        change_address="See that it runs, or correct the address that can't be used: "
        f"`{change} --crm URL --token-url URL`.",
        change_sign_in=_crm_sign_in_remedy(connection, change),
    )


def _erp_sign_in_remedy(connection: Connection, change: str) -> str:
    """Say how what the ERP refused is corrected, by the way the connection signs in."""
    match connection.settings.erp_method:
        case SignInMethod.BASIC | SignInMethod.TOKEN_ADDRESS:
            return (
                "Correct the ERP user or its web service access key, or give the user the right that is "
                f"named: `{change} --erp-user USER --erp-key-file FILE`."
            )
        case SignInMethod.NTLM:
            return (
                "Correct the Windows account or its password, or make it a user of the ERP with the right that is "
                f"named: `{change} --erp-user DOMAIN\\user --erp-password-file FILE`."
            )
        case SignInMethod.DEVICE_CODE:
            return (
                f"Sign in again: `interlace connection sign-in {connection.settings.name} --erp`, and see that "
                "the person is a user of the ERP."
            )
        case SignInMethod.CLIENT_SECRET:
            options = "--erp-client-id ID --erp-secret-file FILE --erp-authority URL"
        case SignInMethod.CERTIFICATE:
            options = "--erp-client-id ID --erp-certificate-file FILE --erp-authority URL"
    return (
        "Correct what is named, and see that the ERP's page Microsoft Entra Applications lists the client id "
        f"as enabled, with permission sets: `{change} {options}`."
    )


def _crm_sign_in_remedy(connection: Connection, change: str) -> str:
    """Say how what the CRM refused is corrected, by the way the connection signs in."""
    match connection.settings.crm_method:
        case SignInMethod.BASIC | SignInMethod.NTLM:
            return (
                f"Correct the CRM user or the password: `{change} --crm-user USER --crm-password-file FILE`."
            )
        case SignInMethod.DEVICE_CODE:
            return (
                f"Sign in again: `interlace connection sign-in {connection.settings.name} --crm`, and see that "
                "the person is an enabled user of the CRM."
            )
        case SignInMethod.TOKEN_ADDRESS:
            what, options = "token address", "--client-id ID --crm-secret-file FILE --token-url URL"
        case SignInMethod.CLIENT_SECRET:
            what, options = "tenant", "--client-id ID --crm-secret-file FILE --crm-authority URL"
        case SignInMethod.CERTIFICATE:
            what, options = "tenant", "--client-id ID --crm-certificate-file FILE --crm-authority URL"
    return (
        f"Correct the client id, its secret or the {what}, and see that the application user "
        f"exists: `{change} {options}`."
    )


async def _facts(end: _End, ask: Callable[[], Awaitable[Facts]]) -> tuple[Facts | None, list[Check]]:
    try:
        facts = await ask()
    except SignInRefused as problem:
        return None, [_problem(f"{end.caption} sign-in", str(problem), end.change_sign_in, is_sign_in=True)]
    except UnknownCompany as problem:
        # The company list was answered, so address and sign-in are right.
        message = f"The ERP has no company {problem.name!r}."
        remedy = f"{problem.remedy} {end.change_company}"
        return None, [*_reached(end), _problem(f"{end.caption} company", message, remedy)]
    except ServiceUnavailable as problem:
        return None, [_problem(f"{end.caption} address", str(problem), end.change_address)]
    except (ServiceMismatch, msgspec.MsgspecError, UnicodeDecodeError) as problem:
        message = f"What answers at {end.address} is not the {end.caption}'s service: {problem}"
        return None, [_problem(f"{end.caption} address", message, end.change_address)]
    return facts, _reached(end)


def _reached(end: _End) -> list[Check]:
    return [
        Check(subject=f"{end.caption} address", message=f"{end.address} answers"),
        Check(subject=f"{end.caption} sign-in", message="Accepted"),
    ]


def _problem(subject: str, message: str, remedy: str, *, is_sign_in: bool = False) -> Check:
    return Check(
        subject=subject, state=CheckState.PROBLEM, message=message, remedy=remedy, is_sign_in=is_sign_in
    )


def _secret_checks(application: Application, connection: Connection) -> list[Check]:
    """Name each secret that the sign-ins need and that nobody has given yet."""
    name = connection.settings.name
    needed = needed_secrets(connection.settings)
    checks = [
        _problem(
            source.caption,
            "Not stored",
            f"Store it: `interlace connection change {name} {source.option} FILE`.",
        )
        for source in SOURCES
        if source.secret in needed and not application.is_stored(connection, source.secret)
    ]
    for side in Side:
        secret = secret_of(connection.settings, side)
        if secret in {ERP_TOKENS, CRM_TOKENS} and not application.is_stored(connection, secret):
            remedy = f"Sign in: `interlace connection sign-in {name} --{side.value}`."
            checks.append(_problem(f"{side.value.upper()} sign-in", "Nobody has signed in yet", remedy))
    return checks


async def _check_solution(application: Application, connection: Connection, ends: Ends) -> list[Check]:
    """Look for the columns that name the ERP partner, in every CRM table whose mapping needs them."""
    subject = "CRM solution"
    wanted = (PARTNER_COLUMNS.company, PARTNER_COLUMNS.table, PARTNER_COLUMNS.key)
    mappings = application.mappings(connection).values()
    tables = dict.fromkeys(m.integration_table for m in mappings if m.carries_erp_reference)
    checks = []
    for table in tables:
        try:
            columns = await ends.crm.columns(table)
        except ServiceFailure as problem:
            checks.append(_problem(subject, str(problem), "Correct what is named, then test again."))
            continue
        missing = [name for name in wanted if name not in columns]
        if missing:
            message = f"The CRM's table {table} lacks the columns {', '.join(missing)}."
            remedy = "Import the Interlace solution with `interlace solution import`, then test the connection again."
            checks.append(_problem(subject, message, remedy))
    found = f"Its columns are there in all {len(tables)} tables"
    return checks or [Check(subject=subject, message=found)]


async def check_services(application: Application, connection: Connection, ends: Ends) -> list[Check]:
    """Name each page service, field or leave to write that a mapping needs and that the ERP does not publish."""
    subject = "ERP web services"
    try:
        lacks = await lacking_services(application, connection, ends)
    except ServiceFailure as problem:
        return [_problem(subject, str(problem), "Correct what is named, then test again.")]
    checks = [
        Check(
            subject=subject,
            # A mapping that lacks something stops by itself; the others run.
            state=CheckState.PROBLEM if each.stops_everything else CheckState.WARNING,
            message=f"{each.what} Needed for {', '.join(each.needed_by)}.",
            remedy=each.gap.remedy,
        )
        for each in lacks
    ]
    return checks or [Check(subject=subject, message="The ERP publishes all that the mappings need")]


async def _check_privileges(application: Application, connection: Connection, ends: Ends) -> list[Check]:
    """Name each privilege that a mapping needs and that an account lacks."""
    subject = "Privileges"
    try:
        missing = await missing_privileges(application, connection, ends)
        unknown = await unknown_before(application, connection, ends)
    except ServiceFailure as problem:
        return [_problem(subject, str(problem), "Correct what is named, then test again.")]
    checks = [_problem(subject, each.what, each.remedy) for each in missing]
    if not checks:
        checks = [Check(subject=subject, message="Both accounts hold what the mappings need")]
    if unknown:
        message = f"Whether the ERP user may write shows at the first write of {', '.join(unknown)}."
        remedy = (
            f"Publish the page {PERMISSION_PAGE} to know it before, or compare `interlace privileges show`."
        )
        checks.append(Check(subject=subject, state=CheckState.WARNING, message=message, remedy=remedy))
    return checks


async def _check_tracking(application: Application, connection: Connection, ends: Ends) -> list[Check]:
    """Name the CRM tables whose changes are not tracked: they are found another way, and deletions later."""
    subject = "CRM change tracking"
    try:
        untracked = await untracked_tables(application, connection, ends)
    except ServiceFailure as problem:
        return [Check(subject=subject, state=CheckState.WARNING, message=str(problem))]
    if not untracked:
        return [Check(subject=subject, message="Switched on for every table that is synchronized")]
    message = (
        f"Switched off for {', '.join(untracked)}. Their changes are found by row versions, their deletions only "
        "by the sweep."
    )
    remedy = (
        "Let an administrator of the CRM switch it on, which can't be undone: `interlace solution import "
        f"--connection {connection.settings.name} --track-changes`, or `Track changes` in the table's properties "
        "in Power Apps."
    )
    return [Check(subject=subject, state=CheckState.WARNING, message=message, remedy=remedy)]


def _currency_check(erp: BusinessCentralFacts, crm: DataverseFacts) -> Check:
    subject = "Currency"
    if erp.lcy_code.upper() == crm.base_currency_code.upper():
        return Check(subject=subject, message=f"Both ends keep their books in {crm.base_currency_code}")
    message = (
        f"The ERP keeps its books in {erp.lcy_code}, the CRM's base currency is {crm.base_currency_code}."
    )
    remedy = "Both must be the same. Choose the company or the organization that fits."
    return _problem(subject, message, remedy)
