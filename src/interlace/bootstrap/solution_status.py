"""Looks at the integration solution with the connection's own sign-in: what is there, and what an import would do."""

from dataclasses import dataclass

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.solution_setup import INTEGRATION_ROLES, deed_for, package_for
from interlace.connectors.dataverse.administration import Administration
from interlace.connectors.dataverse.crm_users import CrmUser, CrmUsers
from interlace.connectors.dataverse.solutions import CrmSolutions, InstalledSolution
from interlace.connectors.runner import SystemClock
from interlace.engine.service import SignInRefused
from interlace.locale.translatable import text_of, translatable
from interlace.solution.build import build_solution


@dataclass(frozen=True, slots=True, kw_only=True)
class SolutionStatus:
    """The solution as the CRM has it, and the account's roles."""

    unique_name: str
    installed: str
    """Version; blank: it is not installed."""
    managed: bool
    ours: str
    advice: str
    """What to do; blank: nothing."""
    integration_user: str
    roles: tuple[str, ...]
    missing_roles: tuple[str, ...]


async def solution_status(administration: Administration) -> SolutionStatus:
    """Ask the CRM; raises a ServiceFailure when it doesn't answer or does not accept the sign-in.

    An account that may not read what is asked for lacks the solution's roles: that is told, not raised.
    """
    user_id = await CrmUsers(administration).caller_id()
    try:
        user = await CrmUsers(administration).user(user_id)
        installed = await CrmSolutions(administration, SystemClock()).installed(build_solution().unique_name)
    except SignInRefused:
        return _unreadable(user_id)
    missing = tuple(name for name in INTEGRATION_ROLES if name not in user.roles)
    return SolutionStatus(
        unique_name=build_solution().unique_name,
        installed=installed.version if installed else "",
        managed=installed is not None and installed.managed,
        ours=package_for(installed).version,
        advice=_advice(installed, user, missing),
        integration_user=user.name,
        roles=user.roles,
        missing_roles=missing,
    )


def _unreadable(user_id: str) -> SolutionStatus:
    package = build_solution()
    return SolutionStatus(
        unique_name=package.unique_name,
        installed="",
        managed=False,
        ours=package.version,
        advice=(
            translatable(
                "The account that Interlace works with may not even read which solutions there are: it has none of the "
                "roles. Run `interlace solution import`; it brings the solution if it is missing, and gives the roles."
            )
        ),
        integration_user=user_id,
        roles=(),
        missing_roles=tuple(INTEGRATION_ROLES),
    )


def _advice(installed: InstalledSolution | None, user: CrmUser, missing: tuple[str, ...]) -> str:
    if installed is None:
        return translatable("The solution is not installed. Import it with `interlace solution import`.")
    try:
        deed = deed_for(package_for(installed), installed, redeploy=False)
    except ConnectionProblem as problem:
        return text_of(problem)
    if deed.value == "upgraded":
        return translatable(
            "This Interlace brings a newer version. Import it with `interlace solution import`."
        )
    if missing:
        return translatable(
            "{name} lacks {missing}. Run `interlace solution import` again, or have an administrator "
            "of the CRM give the roles.",
            name=user.name,
            missing=", ".join(missing),
        )
    return ""
