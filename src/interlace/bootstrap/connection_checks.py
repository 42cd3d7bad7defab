"""Checks of a connection: one line for each thing that must be right, with the remedy where it is not."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeVar

import msgspec

from interlace.bootstrap.application import PARTNER_COLUMNS, Application, Connection
from interlace.bootstrap.connection_remedies import CheckedEnd, crm_end, erp_end, order_end
from interlace.bootstrap.connection_settings import CRM_TOKENS, ERP_TOKENS
from interlace.bootstrap.credentials import needed_secrets, secret_of
from interlace.bootstrap.crm_version import with_answering_version
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.erp_services import lacking_services
from interlace.bootstrap.privileges import TELL_BEFORE, missing_privileges, told_later, unknown_before
from interlace.bootstrap.secret_sources import SOURCES
from interlace.bootstrap.tracked_tables import untracked_tables
from interlace.connectors.business_central.service import BusinessCentralFacts, UnknownCompany
from interlace.connectors.dataverse.service import DataverseFacts
from interlace.domain.side import Side
from interlace.engine.service import ServiceFailure, ServiceMismatch, ServiceUnavailable, SignInRefused
from interlace.locale.translatable import text_of, translatable

Facts = TypeVar("Facts")


class CheckState(Enum):
    """How a check ended."""

    OK = translatable("ok")
    WARNING = translatable("warning")
    """Works, but a person should look at it."""
    PROBLEM = translatable("problem")
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
    is_foreign: bool = False
    """What answers at the address is no service of the kind that was expected."""


def has_problem(checks: Iterable[Check]) -> bool:
    """Tell whether something keeps Interlace from working."""
    return any(check.state is CheckState.PROBLEM for check in checks)


async def check_connection(application: Application, connection: Connection) -> list[Check]:
    """Try both ends with the connection's settings; every problem is named, not only the first.

    Which version of the CRM's Web API answers is found out on the way, and kept.
    """
    async with application.ends(connection, retries_max=1) as ends:
        erp, erp_checks = await _facts(erp_end(connection), ends.erp.facts)
        checks = [*_secret_checks(application, connection), *erp_checks]
        if erp is not None:
            checks += [_company_check(erp), *await check_services(application, connection, ends)]
        if ends.sales_orders is not None:
            checks += (await _facts(order_end(connection), ends.sales_orders.facts))[1]
        crm, crm_checks = await _facts(crm_end(connection), ends.crm.facts)
        if not any(each.is_foreign for each in crm_checks):
            return checks + await _crm_checks(application, connection, ends, erp, crm, crm_checks)
    connection = await with_answering_version(application, connection)
    async with application.ends(connection, retries_max=1) as ends:
        crm, crm_checks = await _facts(crm_end(connection), ends.crm.facts)
        return checks + await _crm_checks(application, connection, ends, erp, crm, crm_checks)


def _company_check(erp: BusinessCentralFacts) -> Check:
    return Check(
        subject=translatable("ERP company"),
        message=translatable(
            "{company_name}, id {company_id}", company_name=erp.company_name, company_id=erp.company_id
        ),
    )


async def _crm_checks(
    application: Application,
    connection: Connection,
    ends: Ends,
    erp: BusinessCentralFacts | None,
    crm: DataverseFacts | None,
    reached: list[Check],
) -> list[Check]:
    """Look at what stands behind the CRM's address, if it was reached, and whether it fits the ERP."""
    checks = list(reached)
    if crm is None:
        return checks
    message = translatable(
        "Organization {organization_id} at {crm_address}",
        organization_id=crm.organization_id,
        crm_address=connection.settings.crm_address,
    )
    checks.append(Check(subject=translatable("CRM organization"), message=message))
    solution = await _check_solution(application, connection, ends)
    checks += solution
    if erp is not None and not has_problem(solution):
        checks += await _check_privileges(application, connection, ends)
    checks += await _check_tracking(application, connection, ends)
    if erp is not None:
        checks.append(_currency_check(erp, crm))
    return checks


async def _facts(end: CheckedEnd, ask: Callable[[], Awaitable[Facts]]) -> tuple[Facts | None, list[Check]]:
    try:
        facts = await ask()
    except SignInRefused as problem:
        return None, [
            _problem(
                translatable("{end} sign-in", end=end.caption),
                text_of(problem),
                end.change_sign_in,
                is_sign_in=True,
            )
        ]
    except UnknownCompany as problem:
        # The company list was answered, so address and sign-in are right.
        message = translatable("The ERP has no company {name}.", name=repr(problem.name))
        remedy = translatable(
            "{remedy} {change_company}", remedy=problem.remedy, change_company=end.change_company
        )
        return None, [
            *_reached(end),
            _problem(translatable("{end} company", end=end.caption), message, remedy),
        ]
    except ServiceUnavailable as problem:
        return None, [
            _problem(translatable("{end} address", end=end.caption), text_of(problem), end.change_address)
        ]
    except (ServiceMismatch, msgspec.MsgspecError, UnicodeDecodeError) as problem:
        message = translatable(
            "What answers at {address} is not the {caption}'s service: {problem}",
            address=end.address,
            caption=end.caption,
            problem=text_of(problem),
        )
        problem_there = _problem(translatable("{end} address", end=end.caption), message, end.change_address)
        return None, [replace(problem_there, is_foreign=True)]
    return facts, _reached(end)


def _reached(end: CheckedEnd) -> list[Check]:
    return [
        Check(
            subject=translatable("{end} address", end=end.caption),
            message=translatable("{address} answers", address=end.address),
        ),
        Check(subject=translatable("{end} sign-in", end=end.caption), message=translatable("Accepted")),
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
            translatable("Not stored"),
            translatable(
                "Store it: `{command}`.", command=f"interlace connection change {name} {source.option} FILE"
            ),
        )
        for source in SOURCES
        if source.secret in needed and not application.is_stored(connection, source.secret)
    ]
    for side in Side:
        secret = secret_of(connection.settings, side)
        if secret in {ERP_TOKENS, CRM_TOKENS} and not application.is_stored(connection, secret):
            remedy = translatable(
                "Sign in: `interlace connection sign-in {name} --{side}`.", name=name, side=side.value
            )
            checks.append(
                _problem(
                    translatable("{end} sign-in", end=side.value.upper()),
                    translatable("Nobody has signed in yet"),
                    remedy,
                )
            )
    return checks


async def _check_solution(application: Application, connection: Connection, ends: Ends) -> list[Check]:
    """Look for the columns that name the ERP partner, in every CRM table whose mapping needs them."""
    subject = translatable("CRM solution")
    wanted = (PARTNER_COLUMNS.company, PARTNER_COLUMNS.table, PARTNER_COLUMNS.key)
    mappings = application.mappings(connection).values()
    tables = dict.fromkeys(m.integration_table for m in mappings if m.carries_erp_reference)
    checks = []
    for table in tables:
        try:
            columns = await ends.crm.columns(table)
        except ServiceFailure as problem:
            checks.append(
                _problem(subject, text_of(problem), translatable("Correct what is named, then test again."))
            )
            continue
        missing = [name for name in wanted if name not in columns]
        if missing:
            message = translatable(
                "The CRM's table {table} lacks the columns {missing}.",
                table=table,
                missing=", ".join(missing),
            )
            remedy = translatable(
                "Import the Interlace solution with `interlace solution import`, then test the connection again."
            )
            checks.append(_problem(subject, message, remedy))
    found = translatable("Its columns are there in all {count} tables", count=len(tables))
    return checks or [Check(subject=subject, message=found)]


async def check_services(application: Application, connection: Connection, ends: Ends) -> list[Check]:
    """Name each page service, field or leave to write that a mapping needs and that the ERP does not publish."""
    subject = translatable("ERP web services")
    try:
        lacks = await lacking_services(application, connection, ends)
    except ServiceFailure as problem:
        return [_problem(subject, text_of(problem), translatable("Correct what is named, then test again."))]
    checks = [
        Check(
            subject=subject,
            # A mapping that lacks something stops by itself; the others run.
            state=CheckState.PROBLEM if each.stops_everything else CheckState.WARNING,
            message=translatable(
                "{what} Needed for {names}.", what=each.what, names=", ".join(each.needed_by)
            ),
            remedy=each.gap.remedy,
        )
        for each in lacks
    ]
    if not checks:
        checks = [
            Check(subject=subject, message=translatable("The ERP publishes all that the mappings need"))
        ]
    return [*checks, *await _check_extension(ends)]


async def _check_extension(ends: Ends) -> list[Check]:
    """Tell what the ERP extension is used for; nothing where the ERP doesn't have it."""
    subject = translatable("ERP extension")
    extension = await ends.erp.extension()
    if extension.refusal:
        message = translatable(
            "Installed, but its API can't be read, so that all runs as without: {problem}",
            problem=extension.refusal,
        )
        remedy = translatable("Give the ERP user the permission set ILC Interlace, then test again.")
        return [Check(subject=subject, state=CheckState.WARNING, message=message, remedy=remedy)]
    if not extension.announced:
        return []
    message = translatable(
        "In use. New records under our ids: {identified}. Change stamps: {stamped}. Read without a page: {hosted}.",
        identified=", ".join(extension.identified()) or "-",
        stamped=", ".join(extension.stamped()) or "-",
        hosted=", ".join(extension.hosted) or "-",
    )
    return [Check(subject=subject, message=message)]


async def _check_privileges(application: Application, connection: Connection, ends: Ends) -> list[Check]:
    """Name each privilege that a mapping needs and that an account lacks."""
    subject = translatable("Privileges")
    try:
        missing = await missing_privileges(application, connection, ends)
        unknown = await unknown_before(application, connection, ends)
    except ServiceFailure as problem:
        return [_problem(subject, text_of(problem), translatable("Correct what is named, then test again."))]
    checks = [_problem(subject, each.what, each.remedy) for each in missing]
    if unknown:
        message, state = told_later(unknown), CheckState.WARNING
        checks.append(Check(subject=subject, state=state, message=message, remedy=TELL_BEFORE))
    if not checks:
        checks = [Check(subject=subject, message=translatable("Both accounts hold what the mappings need"))]
    return checks


async def _check_tracking(application: Application, connection: Connection, ends: Ends) -> list[Check]:
    """Name the CRM tables whose changes are not tracked: they are found another way, and deletions later."""
    subject = translatable("CRM change tracking")
    try:
        untracked = await untracked_tables(application, connection, ends)
    except ServiceFailure as problem:
        return [Check(subject=subject, state=CheckState.WARNING, message=text_of(problem))]
    if not untracked:
        return [
            Check(subject=subject, message=translatable("Switched on for every table that is synchronized"))
        ]
    message = translatable(
        "Switched off for {untracked}. Their changes are found by row versions, their deletions "
        "only by the sweep.",
        untracked=", ".join(untracked),
    )
    remedy = translatable(
        "Let an administrator of the CRM switch it on, which can't be undone: `interlace "
        "solution import --connection {name} --track-changes`, or `Track changes` in the table's "
        "properties in Power Apps.",
        name=connection.settings.name,
    )
    return [Check(subject=subject, state=CheckState.WARNING, message=message, remedy=remedy)]


def _currency_check(erp: BusinessCentralFacts, crm: DataverseFacts) -> Check:
    subject = translatable("Currency")
    if erp.lcy_code.upper() == crm.base_currency_code.upper():
        return Check(
            subject=subject,
            message=translatable(
                "Both ends keep their books in {base_currency_code}",
                base_currency_code=crm.base_currency_code,
            ),
        )
    message = translatable(
        "The ERP keeps its books in {lcy_code}, the CRM's base currency is {base_currency_code}.",
        lcy_code=erp.lcy_code,
        base_currency_code=crm.base_currency_code,
    )
    remedy = translatable("Both must be the same. Choose the company or the organization that fits.")
    return _problem(subject, message, remedy)
