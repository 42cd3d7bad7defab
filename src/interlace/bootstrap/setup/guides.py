"""The guides of Assisted Setup: what there is to set up, and how far each is, told without asking either service."""

from dataclasses import dataclass, replace
from enum import Enum

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.bootstrap.full_synchronization import FullSynchronization
from interlace.bootstrap.kept_verdicts import KeptVerdicts
from interlace.bootstrap.setup.question import StepName
from interlace.bootstrap.setup.questions import questions_of
from interlace.bootstrap.setup.run import STEPS
from interlace.domain.full_synch_review import has_failed, is_over
from interlace.lead_to_cash.mapping_names import SALESPEOPLE
from interlace.locale.translatable import as_sentence, translatable
from interlace.management.permission import Permission


class GuideState(Enum):
    """How far a guide is."""

    COMPLETED = translatable("Completed")
    NOT_COMPLETED = translatable("Not Completed")
    NOT_NEEDED = translatable("Not Needed")
    """By what was chosen elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """Something that is set up once, with the page that does it."""

    name: str
    caption: str
    text: str
    state: GuideState
    left: str = ""
    """What is left of it; blank once it is completed."""
    page: str
    permission: Permission = Permission.READ
    """What its page needs."""


def guides(application: Application, held: Connection | None) -> list[Guide]:
    """Return the guides of a connection, and those that concern none; None: there is no connection yet."""
    found = [_connection(None if held is None else held.settings)]
    if held is not None:
        found += [
            _salespeople(application, held),
            _guide(
                "full-synchronization",
                translatable("Run the first full synchronization"),
                translatable(
                    "Looks at what both sides hold, proposes what to do with each table, and carries it out."
                ),
                _left_of_full_synchronization(application, held),
                "/review",
            ),
            _guide(
                "verification",
                translatable("Verify that both sides agree"),
                translatable("A judge of its own reads every record of both sides anew."),
                _left_of_verification(application, held),
                "/verification",
            ),
            _guide(
                "item-availability",
                translatable("Show item availability to CRM users"),
                translatable(
                    "Writes an address and a sign-in into the CRM that read the stock and nothing else."
                ),
                "" if held.settings.feed_user else translatable("CRM users can't look up the stock yet."),
                "/availability",
            ),
            _further(application),
        ]
    return [*found, _users(application)]


def _guide(
    name: str, caption: str, text: str, left: str, page: str, permission: Permission = Permission.READ
) -> Guide:
    state = GuideState.NOT_COMPLETED if left else GuideState.COMPLETED
    return Guide(
        name=name, caption=caption, text=text, state=state, left=left, page=page, permission=permission
    )


def _connection(settings: ConnectionSettings | None) -> Guide:
    return _guide(
        "connection",
        translatable("Set up the connection to the CRM"),
        translatable(
            "Addresses, sign-in, the solution in the CRM, privileges, and enabling: a question after the other."
        ),
        translatable("Begins with the addresses of both systems.")
        if settings is None
        else _left_of_connection(settings),
        "/setup",
        Permission.MANAGE_CONNECTION,
    )


def _further(application: Application) -> Guide:
    is_there = len(application.connections()) > 1
    return Guide(
        name="further-connection",
        caption=translatable("Set up a further connection"),
        text=translatable("Joins another ERP company with a CRM organization, beside those that there are."),
        state=GuideState.COMPLETED if is_there else GuideState.NOT_NEEDED,
        page="/connections/new",
        permission=Permission.MANAGE_CONNECTION,
    )


def _users(application: Application) -> Guide:
    able = sum(not each.disabled for each in application.state.users.every())
    return _guide(
        "users",
        translatable("Let other users sign in"),
        translatable("Each has a password and permission sets of the user's own."),
        "" if able > 1 else translatable("Nobody but the administrator can sign in."),
        "/users",
        Permission.ADMINISTER,
    )


def _left_of_connection(settings: ConnectionSettings) -> str:
    if settings.enabled:
        return ""
    if settings.erp_company_id:
        return translatable("It is disabled: test it and enable it again.")
    step = next(
        each
        for each in STEPS
        if each.name is StepName.ENABLE
        or (questions_of(each.name) and each.name.value not in settings.set_up)
    )
    return translatable("Goes on with: {step}.", step=as_sentence(step.caption))


def _salespeople(application: Application, held: Connection) -> Guide:
    coupled = application.state.queries.count_couplings(held.id).get(SALESPEOPLE, 0)
    guide = _guide(
        "salespeople",
        translatable("Couple the salespeople"),
        translatable("So that records have the same person in charge of them on both sides."),
        "" if coupled else translatable("No salesperson is coupled yet."),
        f"/records/{SALESPEOPLE}",
    )
    if SALESPEOPLE in application.taking_part(held):
        return guide
    return replace(guide, state=GuideState.NOT_NEEDED, left="")


def _left_of_full_synchronization(application: Application, held: Connection) -> str:
    review = FullSynchronization(application=application).latest(held)
    if review is None:
        return translatable("It was not started yet.")
    if not is_over(review.lines):
        return translatable("It is under way, or was interrupted.")
    return translatable("Lines of it ended with an error.") if has_failed(review.lines) else ""


def _left_of_verification(application: Application, held: Connection) -> str:
    verdict = KeptVerdicts(application.config.state_directory).verdict(held.id)
    if verdict is None:
        return translatable("Nobody has judged both sides yet.")
    return "" if verdict.green else translatable("The last verdict names differences.")
