"""The first two steps: where both ends are, and whether they take our sign-in."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec

from interlace.bootstrap.connection_pairs import require_own_pair
from interlace.bootstrap.connection_settings import (
    CRM_TOKENS,
    ERP_TOKENS,
    ConnectionProblem,
    SignInMethod,
    wrong_web_client,
)
from interlace.bootstrap.credentials import secret_of
from interlace.bootstrap.crm_version import with_answering_version
from interlace.bootstrap.ends import Ends, origin_of
from interlace.bootstrap.erp_web_client import is_web_address
from interlace.bootstrap.service_address import check_address
from interlace.bootstrap.setup.desk import Desk
from interlace.bootstrap.setup.keep_answers import unanswered
from interlace.bootstrap.setup.progress import StepLook, StepProblem, done, to_do, trouble
from interlace.bootstrap.setup.question import StepName
from interlace.bootstrap.setup.questions import questions_of
from interlace.bootstrap.signing_in import sign_person_in
from interlace.bootstrap.solution_setup import require_same_currency
from interlace.bootstrap.solution_texts import administrator_text
from interlace.connectors.business_central.company import PageNotPublished
from interlace.connectors.business_central.service import BusinessCentralFacts, UnknownCompany
from interlace.connectors.dataverse.crm_users import CrmUsers
from interlace.connectors.sign_in_refusals import concerns_application, concerns_tenant
from interlace.domain.side import Side
from interlace.engine.service import ServiceMismatch, ServiceUnavailable, SignInRefused
from interlace.locale.translatable import as_sentence, text_of, translatable

Facts = TypeVar("Facts")
NO_SUCH_USER = "0x80072560"
"""What the CRM says to an account of the right tenant that is no user of the organization."""
USER_DISABLED = "0x80040225"
_TOKENS = {Side.ERP: ERP_TOKENS, Side.CRM: CRM_TOKENS}


@dataclass(frozen=True, slots=True)
class AddressesStep:
    """Both addresses and the company."""

    name: StepName = StepName.ADDRESSES
    caption: str = translatable("Addresses")

    async def look(self, desk: Desk) -> StepLook:
        """Check their form; whether somebody answers there, the next step finds out."""
        problems = list(unanswered(desk, self.name))
        settings = desk.settings
        for end, label, address, is_internal in (
            ("erp", translatable("ERP address"), settings.erp_address, settings.erp_internal_host),
            ("crm", translatable("CRM address"), settings.crm_address, settings.crm_internal_host),
        ):
            try:
                if address:
                    check_address(end, label, address, is_internal=is_internal)
            except ConnectionProblem as problem:
                remedy = translatable(
                    "Correct {end}.address, or set {end}.internal_host if it is right.", end=end
                )
                problems.append(StepProblem(what=text_of(problem), setting=f"{end}.address", remedy=remedy))
        if settings.erp_web_client and not is_web_address(settings.erp_web_client):
            problems.append(
                StepProblem(what=wrong_web_client(settings.erp_web_client), setting="erp.web_client")
            )
        try:
            require_own_pair(
                replace(settings, erp_company_id=""), desk.application.others_than(desk.connection)
            )
        except ConnectionProblem as problem:
            problems.append(StepProblem(what=text_of(problem), setting="erp.company"))
        if problems:
            return trouble(problems)
        return done(
            translatable(
                "{erp_company} at {erp_address}, CRM at {crm_address}",
                erp_company=settings.erp_company,
                erp_address=settings.erp_address,
                crm_address=settings.crm_address,
            )
        )

    async def perform(self, desk: Desk) -> None:
        """There is nothing to do but to answer."""


@dataclass(frozen=True, slots=True)
class SignInStep:
    """Signs in at both ends, and looks at what can be seen from there: company, account, currency."""

    name: StepName = StepName.SIGN_IN
    caption: str = translatable("Sign-in")

    async def look(self, desk: Desk) -> StepLook:
        """Try both ends; every problem is named, not only the first. Nothing is written."""
        problems = list(unanswered(desk, self.name))
        if problems:
            return trouble(problems)
        desk.settings.checked()
        waiting = _waiting_for_person(desk)
        if waiting:
            names = ", ".join(side.value.upper() for side in waiting)
            return to_do(translatable("A person has to sign in at the {names} with a code.", names=names))
        async with desk.ends() as ends:
            erp, problems = await _asked(desk, Side.ERP, ends.erp.facts)
            try:
                crm_problems, remarks = await _look_at_crm(desk, ends, erp)
                is_known = True
            except _OtherVersion:
                is_known = False
        if not is_known:
            # The ERP has been asked: a wrong password is not to be sent twice.
            async with desk.ends() as ends:
                crm_problems, remarks = await _look_at_crm(desk, ends, erp)
        problems += crm_problems
        if problems:
            return trouble(problems)
        assert erp is not None
        return done(
            translatable(
                "The ERP knows us as {account}, company {company}. {remarks}",
                account=_erp_account(desk),
                company=erp.company_name,
                remarks=as_sentence(remarks),
            )
        )

    async def perform(self, desk: Desk) -> None:
        """Let a person sign in with a code wherever that was chosen."""
        for side in _waiting_for_person(desk):
            held = desk.required_connection
            person = await sign_person_in(desk.application, held, side, desk.tell)
            desk.tell(
                translatable("Signed in at the {side} as {person}.", side=side.value.upper(), person=person)
            )


def _waiting_for_person(desk: Desk) -> list[Side]:
    """Return the ends at which a person signs in and has not done so."""
    settings = desk.settings
    return [
        side
        for side in Side
        if secret_of(settings, side) == _TOKENS[side] and not desk.is_stored(_TOKENS[side])
    ]


def _erp_account(desk: Desk) -> str:
    settings = desk.settings
    return settings.erp_user if settings.erp_method.takes_user else settings.erp_client_id


async def _look_at_crm(
    desk: Desk, ends: Ends, erp: BusinessCentralFacts | None
) -> tuple[list[StepProblem], str]:
    """Look at the account as far as it may look itself; what it may not see yet, the administrator checks later."""
    users = CrmUsers(ends.administration)
    try:
        user_id, problems = await _asked(desk, Side.CRM, users.caller_id)
    except _NotThereYet:
        return [], translatable(
            "The CRM has no user for our application yet: the import of the solution makes it."
        )
    if user_id is None:
        return problems, ""
    try:
        user = await users.user(user_id)
    except SignInRefused:
        return [], translatable("The CRM knows us; our account has no rights there yet.")
    if user.disabled:
        remedy = translatable("Enable the user in the CRM, then run the set-up again.")
        what = translatable(
            "{name}, the account that Interlace works with, is disabled in the CRM.", name=user.name
        )
        return [StepProblem(what=what, setting=_crm_account(desk), remedy=remedy)], ""
    if user.is_administrator:
        remedy = translatable("Run the set-up again when the role is gone, or sign in with another account.")
        what = administrator_text(user.name)
        return [StepProblem(what=what, setting=_crm_account(desk), remedy=remedy)], ""
    try:
        currency = (await ends.crm.facts()).base_currency_code
    except SignInRefused:
        return [], translatable("The CRM knows us as {name}.", name=user.name)
    if erp is not None:
        try:
            require_same_currency(erp.lcy_code, currency)
        except ConnectionProblem as problem:
            remedy = translatable("Correct erp.company, crm.address or the organization.")
            return [StepProblem(what=text_of(problem), setting="erp.company", remedy=remedy)], ""
    return [], translatable(
        "The CRM knows us as {name}. Both keep their books in {currency}.", name=user.name, currency=currency
    )


def _crm_account(desk: Desk) -> str:
    return "crm.user" if desk.settings.crm_method.takes_user else "crm.client_id"


def _secret_setting(side: Side, method: SignInMethod) -> str:
    """Name the answer whose secret signs in; a person who signs in with a code has only where."""
    for question in questions_of(StepName.SIGN_IN):
        if question.side is side and question.secret and method in question.ways:
            return question.key.partition(".")[2]
    return "authority"


def _sign_in_setting(method: SignInMethod) -> str:
    return "token_url" if method is SignInMethod.TOKEN_ADDRESS else "authority"


def _concerned(refusal: str, *, account: str, place: str, secret: str) -> str:
    """Name the answer that a refusal is about; most are about the secret."""
    if USER_DISABLED in refusal or concerns_application(refusal):
        return account
    return place if concerns_tenant(refusal) else secret


class _OtherVersion(Exception):
    """The CRM answers to another version of its Web API, which is known from now on."""


class _NotThereYet(Exception):
    """The directory knows our application, the organization has no user for it."""


async def _asked(
    desk: Desk, side: Side, ask: Callable[[], Awaitable[Facts]]
) -> tuple[Facts | None, list[StepProblem]]:
    """Ask one end something; what goes wrong is told by the answer that it concerns."""
    end = side.value
    settings = desk.settings
    address = settings.erp_address if side is Side.ERP else settings.crm_address
    method = settings.erp_method if side is Side.ERP else settings.crm_method
    try:
        return await ask(), []
    except SignInRefused as refused:
        is_new = NO_SUCH_USER in str(refused)
        if side is Side.CRM and is_new and method is not SignInMethod.DEVICE_CODE and settings.crm_client_id:
            raise _NotThereYet from refused
        account = "user" if method.takes_user else "client_id"
        secret = _secret_setting(side, method)
        remedy = translatable(
            "Correct {end}.{account} or {end}.{secret}, and see to what the {service} says.",
            end=end,
            account=account,
            secret=secret,
            service=end.upper(),
        )
        concerned = _concerned(str(refused), account=account, place=_sign_in_setting(method), secret=secret)
        if USER_DISABLED in str(refused):
            remedy = translatable("Enable the user in the {end}, then run the set-up again.", end=end.upper())
        problem = StepProblem(
            what=text_of(refused), setting=f"{end}.{concerned}", remedy=remedy, is_sign_in=True
        )
    except UnknownCompany as unknown:
        what = translatable("The ERP has no company “{name}”.", name=unknown.name)
        problem = StepProblem(what=what, setting="erp.company", remedy=unknown.remedy)
    except PageNotPublished as lacking:
        problem = StepProblem(what=text_of(lacking), setting="erp.address", remedy=lacking.remedy)
    except ServiceUnavailable as unavailable:
        remedy = translatable(
            "Start the service, or correct {end}.address and the address of its sign-in service.", end=end
        )
        sign_in = settings.crm_token_url or settings.crm_authority
        origin = origin_of((settings.erp_authority if side is Side.ERP else sign_in) or address)
        is_sign_in = origin != origin_of(address) and origin in str(unavailable)
        setting = _sign_in_setting(method) if is_sign_in else "address"
        problem = StepProblem(what=text_of(unavailable), setting=f"{end}.{setting}", remedy=remedy)
    except (ServiceMismatch, msgspec.MsgspecError, UnicodeDecodeError) as mismatch:
        held = desk.required_connection
        if side is Side.CRM and await with_answering_version(desk.application, held) is not held:
            raise _OtherVersion from mismatch
        what = translatable(
            "What answers at {address} is not the {end}'s service: {mismatch}",
            address=address,
            end=end.upper(),
            mismatch=str(mismatch),
        )
        problem = StepProblem(
            what=what, setting=f"{end}.address", remedy=translatable("Correct {end}.address.", end=end)
        )
    return None, [problem]
