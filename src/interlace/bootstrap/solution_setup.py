"""Brings the integration solution into a CRM: looks at everything first, imports or upgrades, gives the roles.

Whoever calls it is signed in as an administrator; `administrator` runs it in a process of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.solution_texts import administrator_text, not_there_text
from interlace.connectors.dataverse.administration import Administration
from interlace.connectors.dataverse.crm_users import (
    NON_INTERACTIVE,
    SYSTEM_CUSTOMIZER,
    CrmUser,
    CrmUsers,
)
from interlace.connectors.dataverse.solutions import CrmSolutions, InstalledSolution
from interlace.connectors.dataverse.tracking import ChangeTracking
from interlace.connectors.runner import Clock
from interlace.engine.service import ServiceMismatch, SignInRefused
from interlace.locale.translatable import as_sentence, translatable
from interlace.solution.build import Package, build_solution

INTEGRATION_ROLES: Sequence[str] = ("Interlace Integration User", "Interlace Integration Administrator")
"""What the account that Interlace works with is given; people who sell get another one by hand."""


class ImportDeed(StrEnum):
    """What an import does to the solution."""

    NOTHING = "unchanged"
    IMPORT = "imported"
    UPGRADE = "upgraded"
    REDEPLOY = "imported again"


class Stage(StrEnum):
    """Where the work is."""

    SIGN_IN = "sign-in"
    CHECK = "check"
    IMPORT = "import"
    UPGRADE = "upgrade"
    PUBLISH = "publish"
    TRACKING = "tracking"
    ROLES = "roles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What is being done, and how far the CRM says it is."""

    stage: Stage
    text: str
    percent: float | None = None


Tell = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SolutionOrder:
    """What is to be done."""

    client_id: str = ""
    """App registration of the integration; blank: a person's account is meant."""
    user: str = ""
    """E-mail address or sign-in name of the integration's account, where it has no app registration."""
    user_id: str = ""
    """Its id, where a test of the connection has found it out."""
    add_user: bool = True
    """Make the user of the app registration if the organization has none."""
    redeploy: bool = False
    """Import the version that is there already once more."""
    team: str = ""
    """Team that owns what Interlace creates; made if it is missing, and given the integration role. Blank: none."""
    currency: str = ""
    """What the organization must keep its books in; blank: that is not looked at."""
    track: tuple[str, ...] = ()
    """Tables whose changes the CRM is to track from now on, where it does not yet."""
    is_strict: bool = False
    """Refuse an administrator without System Customizer, and an integration account that is an administrator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SolutionOutcome:
    """What was done."""

    deed: str
    version: str
    version_before: str
    managed: bool
    administrator: str
    integration_user: str
    roles_given: tuple[str, ...]
    remarks: tuple[str, ...]
    team_id: str = ""
    tracked: tuple[str, ...] = ()
    """Tables whose change tracking was switched on."""


def deed_for(package: Package, installed: InstalledSolution | None, *, redeploy: bool) -> ImportDeed:
    """Decide by the versions; raises ConnectionProblem when the CRM has a newer one than we bring."""
    if installed is None:
        return ImportDeed.IMPORT
    ours, theirs = version_key(package.version), version_key(installed.version)
    if theirs > ours:
        msg = translatable(
            "The CRM has version {theirs} of {solution}, this Interlace brings {ours}. Use the newer Interlace that "
            "brought it; an older solution is never put over a newer.",
            theirs=installed.version,
            solution=installed.unique_name,
            ours=package.version,
        )
        raise ConnectionProblem(msg)
    if theirs < ours:
        return ImportDeed.UPGRADE
    return ImportDeed.REDEPLOY if redeploy else ImportDeed.NOTHING


def version_key(version: str) -> tuple[int, ...]:
    """Make versions comparable: 1.10 is newer than 1.9."""
    return tuple(int(part) if part.isdecimal() else 0 for part in version.split("."))


def package_for(installed: InstalledSolution | None) -> Package:
    """Return the package of the kind that is installed: a managed one can't be put over an unmanaged one."""
    return build_solution(managed=installed is None or installed.managed)


async def set_up_solution(
    administration: Administration, clock: Clock, order: SolutionOrder, tell: Tell
) -> SolutionOutcome:
    """Do what was ordered; nothing is written before every check has passed."""
    users, solutions = CrmUsers(administration), CrmSolutions(administration, clock)
    tell(Progress(stage=Stage.CHECK, text=translatable("Looking at the accounts and at what is installed")))
    administrator = await _caller(users)
    remarks = list(_check_administrator(administrator, is_strict=order.is_strict))
    user = await _integration_user(users, order)
    if user is not None:
        remarks += _check_integration_user(user, administrator, is_strict=order.is_strict)
    if order.currency:
        require_same_currency(order.currency, await users.base_currency())
    installed = await solutions.installed(build_solution().unique_name)
    package = package_for(installed)
    deed = deed_for(package, installed, redeploy=order.redeploy)
    if user is not None and deed is ImportDeed.NOTHING:
        # Without an import no role comes any more: one that is missing is told before anything is written.
        await _roles(users, user.business_unit)

    remarks += await _bring(
        solutions, package, deed, managed=installed is None or installed.managed, tell=tell
    )
    if user is None:
        user = await users.add_application(order.client_id, administrator.business_unit)
        if user is None:
            msg = translatable(
                "The CRM made no user for the application {application}. Make an application user in the Power "
                "Platform admin center, then run this again.",
                application=order.client_id,
            )
            raise ConnectionProblem(msg)
        remarks.append(
            translatable(
                "The organization had no user for the application {application}; it has one now.",
                application=order.client_id,
            )
        )
    given = await _give_roles(users, user, tell)
    if not user.is_integration_user:
        await users.mark_as_integration(user)
    team_id = ""
    if order.team:
        giving = translatable("Giving the team {team} the role of the solution", team=order.team)
        tell(Progress(stage=Stage.ROLES, text=giving))
        team_id = await _owning_team(users, user, administrator, order.team)
    return SolutionOutcome(
        deed=deed.value,
        version=package.version,
        version_before=installed.version if installed else "",
        managed=installed is None or installed.managed,
        administrator=administrator.name,
        integration_user=user.name,
        roles_given=given,
        remarks=tuple(remarks),
        team_id=team_id,
        tracked=await _track(administration, order.track, tell),
    )


async def _track(administration: Administration, tables: Sequence[str], tell: Tell) -> tuple[str, ...]:
    if not tables:
        return ()
    tell(Progress(stage=Stage.TRACKING, text=translatable("Having the changes of the tables tracked")))
    return await ChangeTracking(administration).switch_on(tables)


async def _caller(users: CrmUsers) -> CrmUser:
    """Find out who signed in; whoever may not even read users is no administrator."""
    caller_id = await users.caller_id()
    try:
        return await users.user(caller_id)
    except SignInRefused as refused:
        msg = translatable(
            "The account {account} is no System Administrator of the CRM (roles: none that may read users). Sign in "
            "with an account that has the roles System Administrator and System Customizer; it is used for this once "
            "only.",
            account=caller_id,
        )
        raise ConnectionProblem(msg) from refused


def require_same_currency(erp: str, crm: str) -> None:
    """Raise ConnectionProblem unless both ends keep their books in one currency."""
    if erp.upper() != crm.upper():
        msg = translatable(
            "The ERP keeps its books in {erp}, the CRM's base currency is {crm}. Both must be the same. Choose the "
            "company or the organization that fits.",
            erp=erp,
            crm=crm,
        )
        raise ConnectionProblem(msg)


def _check_administrator(administrator: CrmUser, *, is_strict: bool) -> list[str]:
    if not administrator.is_administrator:
        msg = translatable(
            "{name} is no System Administrator of the CRM (roles: {roles}). Sign in with an account that has the roles "
            "System Administrator and System Customizer; it is used for this once only.",
            name=administrator.name,
            roles=", ".join(administrator.roles) or as_sentence(translatable("none")),
        )
        raise ConnectionProblem(msg)
    if SYSTEM_CUSTOMIZER not in administrator.role_templates:
        if is_strict:
            msg = translatable(
                "{name} lacks the role System Customizer. Give it to this administrator in the CRM, beside System "
                "Administrator, or sign in with an account that has both; it is used for this once only.",
                name=administrator.name,
            )
            raise ConnectionProblem(msg)
        return [
            translatable(
                "{name} lacks the role System Customizer; the System Administrator was enough here.",
                name=administrator.name,
            )
        ]
    return []


async def _integration_user(users: CrmUsers, order: SolutionOrder) -> CrmUser | None:
    if order.client_id:
        found = await users.of_application(order.client_id)
        if found is None and not order.add_user:
            msg = translatable(
                "The CRM has no user for the application {application}. Make an application user in the Power Platform "
                "admin center, or let Interlace make it.",
                application=order.client_id,
            )
            raise ConnectionProblem(msg)
        return found
    if order.user_id and not order.user:
        return await users.user(order.user_id)
    if not order.user:
        msg = translatable(
            "It is not known yet which CRM user the connection works as. Sign it in and test it, then run this again: "
            "`interlace connection sign-in --crm`, `interlace connection test`."
        )
        raise ConnectionProblem(msg)
    found = await users.named(order.user)
    if found is None:
        msg = translatable(
            "The CRM has no user with the e-mail address or sign-in name {user}. Correct the connection's user, or "
            "make the user in the CRM.",
            user=repr(order.user),
        )
        raise ConnectionProblem(msg)
    return found


def _check_integration_user(user: CrmUser, administrator: CrmUser, *, is_strict: bool) -> list[str]:
    if user.disabled:
        msg = translatable(
            "{name}, the account that Interlace works with, is disabled in the CRM. Enable the user there, then run "
            "this again.",
            name=user.name,
        )
        raise ConnectionProblem(msg)
    if user.id == administrator.id:
        msg = translatable(
            "{name} is the administrator and the account that Interlace works with at once. Interlace needs an account "
            "of its own: it takes its own changes for nobody's, and an administrator may do too much.",
            name=user.name,
        )
        raise ConnectionProblem(msg)
    remarks = []
    if user.is_administrator and is_strict:
        raise ConnectionProblem(administrator_text(user.name))
    if user.is_administrator:
        remarks.append(
            translatable(
                "{name} is a System Administrator. Take that role away: the roles of the solution are enough.",
                name=user.name,
            )
        )
    if not user.is_application and user.access_mode != NON_INTERACTIVE:
        remarks.append(
            translatable(
                "{name} is an interactive user. Set its access mode to Non-interactive, so that nobody works as it.",
                name=user.name,
            )
        )
    return remarks


async def _bring(
    solutions: CrmSolutions, package: Package, deed: ImportDeed, *, managed: bool, tell: Tell
) -> list[str]:
    """Import what is to be imported, and see that it is there; returns warnings."""
    if deed is ImportDeed.NOTHING:
        return []
    # Only a managed solution has an old version that can be taken away as a whole.
    hold = deed is ImportDeed.UPGRADE and managed
    text = translatable(
        "Importing {solution} {version}", solution=package.unique_name, version=package.version
    )

    def tell_percent(percent: float) -> None:
        tell(Progress(stage=Stage.IMPORT, text=text, percent=percent))

    tell_percent(0.0)
    warnings = await solutions.import_package(package.content, tell_percent, hold=hold)
    if hold:
        replacing = translatable("Putting the new version in the place of the old one")
        tell(Progress(stage=Stage.UPGRADE, text=replacing))
        await solutions.finish_upgrade(package.unique_name, package.version)
    tell(Progress(stage=Stage.PUBLISH, text=translatable("Publishing")))
    await solutions.publish()
    found = await solutions.installed(package.unique_name)
    if found is None or found.version != package.version:
        raise ServiceMismatch(not_there_text(package.version, "" if found is None else found.version))
    return [translatable("Warning of the CRM: {warning}", warning=str(each)) for each in warnings]


async def _roles(users: CrmUsers, business_unit: str) -> dict[str, str]:
    """Find the roles of the solution in a business unit; raises ConnectionProblem for one that is not there."""
    found = {}
    for name in INTEGRATION_ROLES:
        role = await users.role(name, business_unit)
        if role is None:
            msg = translatable(
                "The role {role} is missing in the business unit of the account that Interlace works with. Somebody "
                "may have renamed or removed it: name it so again in the CRM, or import the solution once more with "
                "`interlace solution import --redeploy`.",
                role=name,
            )
            raise ConnectionProblem(msg)
        found[name] = role
    return found


async def _give_roles(users: CrmUsers, user: CrmUser, tell: Tell) -> tuple[str, ...]:
    giving = translatable("Giving {name} the roles of the solution", name=user.name)
    tell(Progress(stage=Stage.ROLES, text=giving))
    roles = await _roles(users, user.business_unit)
    given = []
    for name, role in roles.items():
        if name not in user.roles:
            await users.give(user, role, name)
            given.append(name)
    return tuple(given)


async def _owning_team(users: CrmUsers, user: CrmUser, administrator: CrmUser, name: str) -> str:
    """Find or make the team that owns what Interlace creates; an owner must be allowed to read its records."""
    team = await users.team(name, user.business_unit)
    if team is None:
        team = await users.add_team(name, user.business_unit, administrator)
    role = INTEGRATION_ROLES[0]
    if role not in team.roles:
        await users.give_team(team, (await _roles(users, user.business_unit))[role], role)
    return team.id
