"""The steps that need the CRM's administrator, once: the solution, and the rights of our account."""

from dataclasses import dataclass, replace

from interlace.bootstrap.administrator import as_administrator, order_for
from interlace.bootstrap.administrator_order import AdministratorAccount
from interlace.bootstrap.connection_settings import ConnectionProblem, ConnectionSettings, SignInMethod
from interlace.bootstrap.setup.desk import Desk
from interlace.bootstrap.setup.progress import StepLook, StepProblem, done, to_do, trouble
from interlace.bootstrap.setup.question import StepName
from interlace.bootstrap.setup.questions import BY_KEY
from interlace.bootstrap.setup.signing_steps import NO_SUCH_USER
from interlace.bootstrap.solution_setup import INTEGRATION_ROLES, Progress, SolutionOutcome
from interlace.bootstrap.solution_status import SolutionStatus, solution_status
from interlace.bootstrap.solution_texts import administrator_text
from interlace.bootstrap.tracked_tables import tables_to_track
from interlace.connectors.dataverse.crm_users import CrmUsers
from interlace.connectors.dataverse.tracking import ChangeTracking
from interlace.engine.service import SignInRefused
from interlace.locale.translatable import as_sentence, translatable

_SECRET_KEY = "administrator.secret_file"  # noqa: S105 - the name of an answer
_BY_HAND = translatable(
    "Or let an administrator of the CRM do it by hand: `interlace solution build` writes the "
    "file to import, and the roles {integration_roles} belong to the integration user.",
    integration_roles=", ".join(INTEGRATION_ROLES),
)


@dataclass(frozen=True, slots=True)
class SolutionStep:
    """Imports or upgrades the solution as the administrator, who gives the roles and makes the owning team."""

    name: StepName = StepName.SOLUTION
    caption: str = translatable("Solution in the CRM")

    async def look(self, desk: Desk) -> StepLook:
        """Ask with the connection's own sign-in what is there."""
        try:
            status, is_marked = await _status(desk)
        except SignInRefused as refused:
            if NO_SUCH_USER not in str(refused):
                raise
            return to_do(translatable("The CRM has no user for our application yet."))
        if status.installed and "never put over a newer" in status.advice:
            remedy = translatable("Use the Interlace that brought that version, or a newer one.")
            return trouble([StepProblem(what=status.advice, remedy=remedy)])
        if status.advice:
            return to_do(status.advice)
        if not is_marked:
            return to_do(
                translatable(
                    "The CRM does not know {integration_user} as its integration user yet.",
                    integration_user=status.integration_user,
                )
            )
        settings = desk.settings
        if settings.is_owned_by_team and not settings.owning_team_id:
            return to_do(
                translatable("The team {owning_team} is not known yet.", owning_team=settings.owning_team)
            )
        untracked = await _untracked(desk)
        if untracked:
            return to_do(
                translatable(
                    "The changes of {untracked} are not tracked yet.", untracked=", ".join(untracked)
                )
            )
        return done(
            translatable(
                "Version {installed}, and {integration_user} has its roles",
                installed=status.installed,
                integration_user=status.integration_user,
            )
        )

    async def perform(self, desk: Desk) -> None:
        """Have it done in a process of its own; the administrator's secret is read now and wiped at once."""
        await deploy(desk, redeploy=False)


async def deploy(desk: Desk, *, redeploy: bool) -> SolutionOutcome:
    """Bring the solution as the administrator; with `redeploy` also the version that is there already.

    Raises ConnectionProblem or a ServiceFailure for what is in the way.
    """
    settings = desk.settings
    account = administrator_account(desk)
    async with desk.ends() as ends:
        currency = (await ends.erp.facts()).lcy_code
        settings = await _with_user_id(settings, CrmUsers(ends.administration))
    order = order_for(
        settings,
        account,
        add_user=desk.answers.flag("administrator.add_user"),
        redeploy=redeploy,
        timeout_seconds=desk.application.config.timeout_seconds,
        team=settings.owning_team if settings.is_owned_by_team else "",
        currency=currency,
        is_strict=True,
        track=_tables_to_track(desk),
    )
    secret = _secret(desk, account.method)
    outcome = await as_administrator(order, secret, lambda progress: desk.tell(progress_text(progress)))
    for remark in outcome.remarks:
        desk.tell(remark)
    if outcome.team_id:
        desk.keep({"owning_team_id": outcome.team_id})
    return outcome


@dataclass(frozen=True, slots=True)
class AccountStep:
    """Checks the account that Interlace works with: there, enabled, no administrator, with its roles."""

    name: StepName = StepName.ACCOUNT
    caption: str = translatable("Integration user")

    async def look(self, desk: Desk) -> StepLook:
        """Ask with the connection's own sign-in."""
        async with desk.ends() as ends:
            user = await CrmUsers(ends.administration).caller()
        missing = [name for name in INTEGRATION_ROLES if name not in user.roles]
        problems = []
        if user.disabled:
            what = translatable("{name} is disabled in the CRM.", name=user.name)
            problems.append(
                StepProblem(what=what, setting="crm.client_id", remedy=translatable("Enable the user there."))
            )
        if user.is_administrator:
            remedy = translatable("Take the role away, then run the set-up again.")
            what = administrator_text(user.name)
            problems.append(StepProblem(what=what, setting="crm.client_id", remedy=remedy))
        if missing:
            what = translatable(
                "{name} lacks the roles {missing}.", name=user.name, missing=", ".join(missing)
            )
            remedy = translatable(
                "Give an administrator under administrator.sign_in. {by_hand}", by_hand=_BY_HAND
            )
            problems.append(StepProblem(what=what, setting="administrator.client_id", remedy=remedy))
        if problems:
            return trouble(problems)
        return done(
            translatable(
                "{name}: enabled, no administrator, roles {roles}",
                name=user.name,
                roles=", ".join(user.roles),
            )
        )

    async def perform(self, desk: Desk) -> None:
        """The administrator has done it with the solution."""


def _tables_to_track(desk: Desk) -> tuple[str, ...]:
    """Return the tables whose changes are to be tracked, if somebody has agreed to that."""
    if not desk.answers.flag("administrator.track_changes") or desk.connection is None:
        return ()
    return tables_to_track(desk.application, desk.connection)


async def _untracked(desk: Desk) -> tuple[str, ...]:
    wanted = _tables_to_track(desk)
    if not wanted:
        return ()
    async with desk.ends() as ends:
        return await ChangeTracking(ends.administration).untracked(wanted)


async def _status(desk: Desk) -> tuple[SolutionStatus, bool]:
    """Look at the solution, and whether the CRM knows our account as the one through which an ERP writes."""
    async with desk.ends() as ends:
        status = await solution_status(ends.administration)
        if status.advice:
            return status, False
        return status, (await CrmUsers(ends.administration).caller()).is_integration_user


async def _with_user_id(settings: ConnectionSettings, users: CrmUsers) -> ConnectionSettings:
    """Find out who a person's account is; an application is known by its client id."""
    is_person = settings.crm_method is SignInMethod.DEVICE_CODE
    return replace(settings, crm_user_id=await users.caller_id()) if is_person else settings


def administrator_account(desk: Desk) -> AdministratorAccount:
    """Gather who signs in; raises ConnectionProblem for what is missing. The connection's own account never is it."""
    answers, settings = desk.answers, desk.settings
    is_told = any(key.startswith("administrator.") for key in answers.values)
    if not is_told:
        msg = translatable(
            "The solution has to be imported, and nobody was named who may do that. Give the section "
            "[administrator]; it is used for this once and kept nowhere. {by_hand}",
            by_hand=_BY_HAND,
        )
        raise ConnectionProblem(msg)
    client_id, user = answers.text("administrator.client_id"), answers.text("administrator.user")
    method = SignInMethod(answers.text("administrator.sign_in"))
    if "administrator.sign_in" not in answers.values:
        method = _method(settings, client_id, user)
    if method.takes_user and not user:
        raise ConnectionProblem(
            translatable("The administrator's user name is missing. Give administrator.user.")
        )
    if not method.takes_user and method is not SignInMethod.DEVICE_CODE and not client_id:
        msg = translatable(
            "Interlace's own app registration is no administrator. Give administrator.client_id."
        )
        raise ConnectionProblem(msg)
    uses_address = method is SignInMethod.TOKEN_ADDRESS
    authority = answers.text("administrator.authority") or settings.crm_authority
    if method.asks_directory and not authority:
        msg = translatable(
            "The address of the administrator's sign-in service is missing. Give administrator.authority."
        )
        raise ConnectionProblem(msg)
    return AdministratorAccount(
        method=method,
        user=user,
        client_id=client_id or settings.crm_client_id,
        authority=authority if method.asks_directory else "",
        token_url=settings.crm_token_url if uses_address else "",
    )


def _method(settings: ConnectionSettings, client_id: str, user: str) -> SignInMethod:
    """Tell the way by what was given: a user is on premises, a client id signs in as the connection does."""
    own = settings.crm_method
    if user:
        return own if own.takes_user else SignInMethod.BASIC
    if not client_id:
        return SignInMethod.DEVICE_CODE
    return SignInMethod.TOKEN_ADDRESS if own is SignInMethod.TOKEN_ADDRESS else SignInMethod.CLIENT_SECRET


def _secret(desk: Desk, method: SignInMethod) -> bytearray:
    if method is SignInMethod.DEVICE_CODE:
        return bytearray()
    question = BY_KEY[_SECRET_KEY]
    secret = desk.answers.secret(question)
    if secret is None and desk.person is not None:
        secret = desk.person.secret(question, stored=False)
    if secret is None:
        msg = translatable(
            "{caption} is missing. Give {secret_key}; it is read once and kept nowhere.",
            caption=as_sentence(question.caption),
            secret_key=_SECRET_KEY,
        )
        raise ConnectionProblem(msg)
    return secret


def progress_text(progress: Progress) -> str:
    """Say what the administrator's process is doing."""
    if progress.percent is None:
        return progress.text
    return translatable(
        "{text}: {percent} %", text=as_sentence(progress.text), percent=round(progress.percent)
    )
