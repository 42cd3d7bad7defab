"""Who may come in: sign-in, sessions and the first start, on the store's users and behind the port of the web client.

Every cause of a refused sign-in is told alike and takes as long; what it was stands in the audit log.
"""

import asyncio
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from argon2 import PasswordHasher

from interlace.bootstrap import account_checks, second_step
from interlace.bootstrap.access_keys import digest_of, id_of, why_not
from interlace.bootstrap.attempt_limits import AttemptLimits, of_address
from interlace.bootstrap.audit_entries import AuditEntries
from interlace.bootstrap.kept_forms import TOKEN_BYTES, KeptForms
from interlace.bootstrap.password_hashing import PasswordHashes, strong_hasher
from interlace.management.accounts import (
    KEPT_FORM_AGE,
    SESSION_IDLE,
    SESSION_LONGEST,
    Accounts,
    FirstStart,
    KeptForm,
    Opened,
    Session,
    SessionStage,
    Visitor,
)
from interlace.management.caller import Caller, Door
from interlace.management.permission import PERMISSION_SETS, Permission
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.throttle import OF_ACCOUNT, OF_KEY
from interlace.management.translatable import translatable
from interlace.store.attempts import subject
from interlace.store.sessions import NewSession, StoredSession
from interlace.store.state_store import StateStore
from interlace.store.users import (
    FirstStartOver,
    StoredUser,
    UserNameTaken,
    folded_name,
    new_user_id,
)

FIRST_START_AGE = timedelta(minutes=15)
_CODE_AGE = timedelta(minutes=5)
_TOUCHED_AFTER = timedelta(seconds=30)
_USE_NOTED_AFTER = timedelta(minutes=1)
_DELICATE = frozenset({Permission.ADMINISTER, Permission.MANAGE_CONNECTION})
_ADMINISTRATOR = next(
    each.name for each in PERMISSION_SETS.values() if Permission.ADMINISTER in each.permissions
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRules:
    """What may differ between installations."""

    second_step_for_administrators: bool = False
    """Their rights rest until they have set up two-step sign-in; for servers that others can reach."""
    hasher: PasswordHasher = field(default_factory=strong_hasher)


def open_accounts(state: StateStore, rules: AccountRules | None = None) -> "StoredAccounts":
    """Return the accounts that a store holds."""
    return StoredAccounts(state, rules or AccountRules())


class StoredAccounts(Accounts):
    """Sign-in and sessions."""

    def __init__(self, state: StateStore, rules: AccountRules) -> None:
        self.state = state
        self.rules = rules
        self.hashes = PasswordHashes(rules.hasher)
        self.audit = AuditEntries(state.audit_log)
        self._limits = AttemptLimits(state.attempts, self.audit)
        self._forms = KeptForms(state.sessions, self._limits, state.clock)

    @property
    def now(self) -> datetime:
        """The time, as the store has it."""
        return self.state.clock()

    # Sessions

    async def session(self, token: str, visitor: Visitor, *, is_background: bool = False) -> Session | None:
        """Return the session of a token while it lasts."""
        held = await asyncio.to_thread(self.state.sessions.find, digest_of(token))
        if held is None or not self.lasts(held):
            return None
        is_moved = held.address != visitor.address
        if not is_background and (is_moved or self.now - held.seen_at >= _TOUCHED_AFTER):
            await asyncio.to_thread(self.state.sessions.touch, held.id, visitor.address)
        shown = self._shown(held, visitor)
        # What runs by itself leaves the exchange to the page's next request, whose answer is sure to be taken.
        return replace(shown, new_token=await self._renewed(held, token)) if not is_background else shown

    async def sign_out(self, token: str) -> None:
        """End a session."""
        held = await asyncio.to_thread(self.state.sessions.find, digest_of(token))
        if held is not None:
            await asyncio.to_thread(self.state.sessions.end, held.id)
        if held is not None and held.user is not None and held.stage == SessionStage.SIGNED_IN.value:
            await self.audit.at_door("sign-in.out", Visitor(address=held.address), user=held.user.name)

    async def renew(self, token: str, visitor: Visitor) -> Opened:
        """Give a session another token."""
        held = await self._open_session(token)
        return await self._open(
            held.user, visitor, token, started=held.created_at, password_at=held.password_at
        )

    # Coming in

    async def sign_in(self, name: str, password: str, visitor: Visitor, *, token: str = "") -> Opened:
        """Open a session by password; with a second step set up it is opened half."""
        account = subject("account", folded_name(name))
        at = await self._limits.take([(account, OF_ACCOUNT), of_address(visitor)], visitor)
        user = await asyncio.to_thread(self.state.users.named, name)
        is_right = await self.hashes.is_right(user.password_hash if user is not None else None, password)
        if user is None or not is_right or user.disabled:
            cause = "unknown name" if user is None else "wrong password" if not is_right else "disabled"
            await self.audit.at_door(
                "sign-in.password", visitor, user=user.name if user else "", outcome=cause
            )
            raise account_checks.wrong_sign_in()
        await self._limits.succeeded([account], visitor, at)
        if self.hashes.is_outdated(user.password_hash):
            renewed = await self.hashes.hash(password)
            await asyncio.to_thread(self.state.users.set_password_hash, user.id, renewed)
        if user.has_second_step:
            return await self._open(user, visitor, token, stage=SessionStage.NEEDS_CODE, password_at=self.now)
        return await self._come_in(user, visitor, token)

    async def confirm_code(self, token: str, code: str, visitor: Visitor) -> Opened:
        """Finish a sign-in by the second step."""
        held = await asyncio.to_thread(self.state.sessions.find, digest_of(token))
        is_waiting = held is not None and held.stage == SessionStage.NEEDS_CODE.value and self.lasts(held)
        if held is None or held.user is None or not is_waiting:
            raise Refused(
                RefusalKind.NOT_SIGNED_IN,
                translatable("That took too long"),
                next_step=translatable("Enter name and password again."),
            )
        await self._use_code(held.user, code, visitor)
        return await self._come_in(held.user, visitor, token)

    async def enter_password_again(self, token: str, password: str, code: str, visitor: Visitor) -> Opened:
        """Make a session fresh, with a token of its own."""
        held = await self._open_session(token)
        user, account = held.user, subject("again", held.user.id)
        at = await self._limits.take([(account, OF_ACCOUNT), of_address(visitor)], visitor)
        if not await self.hashes.is_right(user.password_hash, password):
            await self.audit.at_door("sign-in.again", visitor, user=user.name, outcome="wrong password")
            raise account_checks.wrong_password()
        await self._limits.succeeded([account], visitor, at)
        if user.has_second_step:
            await self._use_code(user, code, visitor)
        await self.audit.at_door("sign-in.again", visitor, user=user.name)
        return await self._open(user, visitor, token, started=held.created_at, password_at=self.now)

    async def is_own_password(self, user: StoredUser, password: str, visitor: Visitor) -> bool:
        """Whether somebody who is signed in knows his password.

        Counted by itself: whoever guesses at the sign-in page doesn't keep those out who are in.
        """
        account = subject("again", user.id)
        at = await self._limits.take([(account, OF_ACCOUNT), of_address(visitor)], visitor)
        is_right = await self.hashes.is_right(user.password_hash, password)
        if is_right:
            await self._limits.succeeded([account], visitor, at)
        return is_right

    # Access keys

    async def key_caller(self, key: str, visitor: Visitor) -> Caller:
        """Return who comes in with an access key."""
        key_id = id_of(key)
        found = await asyncio.to_thread(self.state.tokens.find, key_id) if key_id else None
        cause = why_not(found, key, visitor.address, self.now)
        if found is None or cause:
            shown = key_id if found is not None else ""
            counted = [
                (subject("key", key_id), OF_KEY),
                of_address(visitor, "key-address"),
            ]
            await self._limits.take(counted, visitor)
            await self.audit.at_door("sign-in.key", visitor, key=shown, outcome=cause)
            raise Refused(
                RefusalKind.NOT_SIGNED_IN,
                translatable("The access key opens nothing"),
                why=translatable("It is unknown, revoked or expired, or not for this address."),
                next_step=translatable("Make a new one on the Access Keys page."),
            )
        token, owner = found
        if token.used_at is None or self.now - token.used_at >= _USE_NOTED_AFTER:
            await asyncio.to_thread(self.state.tokens.note_use, token.id, visitor.address)
        allowed = {Permission(each) for each in token.permissions if each in set(Permission)}
        return Caller(
            user_id=owner.id,
            name=owner.name,
            permissions=self._permissions(owner) & allowed,
            door=Door.API,
            address=visitor.address,
            token_id=token.id,
            connections=frozenset(token.connections) or None,
            language=owner.language,
            time_zone=owner.time_zone,
        )

    # The first start

    async def has_administrator(self) -> bool:
        """Whether anybody can administer."""
        return await asyncio.to_thread(self.state.users.has_administrator)

    async def first_start_code(self) -> str:
        """Make the code for the first start."""
        code = secrets.token_urlsafe(TOKEN_BYTES)
        expires_at = self.now + FIRST_START_AGE
        await asyncio.to_thread(self.state.users.offer_first_start, digest_of(code), expires_at)
        return code

    async def may_first_start(self, code: str) -> bool:
        """Whether a code would be taken now."""
        return await asyncio.to_thread(self.state.users.is_first_start, digest_of(code))

    async def first_start(self, code: str, answers: FirstStart, visitor: Visitor) -> Opened:
        """Create the first administrator and sign in."""
        over = Refused(RefusalKind.FORBIDDEN, translatable("This link is used up"))
        if not await self.may_first_start(code):
            raise over
        name = account_checks.checked_name(answers.name)
        full_name = account_checks.checked_full_name(answers.full_name)
        account_checks.check_password(answers.password, (name, full_name))
        user = StoredUser(
            id=new_user_id(),
            name=name,
            full_name=full_name,
            language=account_checks.checked_language(answers.language),
            time_zone=account_checks.checked_zone(answers.time_zone),
            password_hash=await self.hashes.hash(answers.password),
            permission_sets=(_ADMINISTRATOR,),
            created_at=self.now,
        )
        try:
            await asyncio.to_thread(self.state.users.first_start, digest_of(code), user)
        except FirstStartOver as problem:
            raise over from problem
        except UserNameTaken as problem:
            raise account_checks.invalid("name", translatable("There is a user of that name.")) from problem
        await self.audit.at_door("sign-in.first-start", visitor, user=user.name)
        return await self._come_in(user, visitor, "")

    # Forms and notices

    async def keep_form(self, token: str, form: KeptForm, visitor: Visitor) -> str:
        """Keep a form with the browser's session."""
        return await self._forms.keep(token, form, visitor)

    async def kept_form(self, session_id: str) -> KeptForm | None:
        """Return the form that is kept for a session."""
        return await self._forms.kept(session_id)

    async def drop_kept_form(self, session_id: str) -> None:
        """Forget it."""
        await self._forms.drop(session_id)

    async def tell(self, session_id: str, notice: str) -> None:
        """Keep a notice for the next page."""
        await asyncio.to_thread(self.state.sessions.tell, session_id, notice)

    async def take_notices(self, session_id: str) -> tuple[str, ...]:
        """Return the notices and forget them."""
        return await asyncio.to_thread(self.state.sessions.take_notices, session_id)

    # Parts

    async def _come_in(self, user: StoredUser, visitor: Visitor, token: str) -> Opened:
        await asyncio.to_thread(self.state.users.note_sign_in, user.id)
        await self.audit.at_door("sign-in.in", visitor, user=user.name)
        return await self._open(user, visitor, token, password_at=self.now)

    async def _open(
        self,
        user: StoredUser,
        visitor: Visitor,
        before: str,
        *,
        stage: SessionStage = SessionStage.SIGNED_IN,
        started: datetime | None = None,
        password_at: datetime | None = None,
    ) -> Opened:
        """Open a session in the place of the cookie's: a token from before the sign-in is never used on."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        new = NewSession(
            digest=digest_of(token),
            stage=stage.value,
            user_id=user.id,
            password_at=password_at,
            address=visitor.address,
            agent=visitor.agent,
            follows=digest_of(before) if before else None,
            started_at=started,
        )
        await asyncio.to_thread(self.state.sessions.open, new)
        held = await asyncio.to_thread(self.state.sessions.find, new.digest)
        assert held is not None, "it was opened a moment ago"
        return Opened(token=token, session=self._shown(held, visitor))

    async def _renewed(self, held: StoredSession, token: str) -> str:
        """Return the token that a session gets because its user's rights have changed; blank: none."""
        if not held.is_to_renew:
            return ""
        new = secrets.token_urlsafe(TOKEN_BYTES)
        is_renewed = await asyncio.to_thread(self.state.sessions.renew, digest_of(token), digest_of(new))
        return new if is_renewed else ""

    async def _open_session(self, token: str) -> "_SignedIn":
        held = await asyncio.to_thread(self.state.sessions.find, digest_of(token))
        is_open = held is not None and held.stage == SessionStage.SIGNED_IN.value and self.lasts(held)
        if held is None or held.user is None or not is_open:
            raise Refused(RefusalKind.NOT_SIGNED_IN, translatable("You are not signed in"))
        return _SignedIn(user=held.user, created_at=held.created_at, password_at=held.password_at)

    async def _use_code(self, user: StoredUser, code: str, visitor: Visitor) -> None:
        counted = subject("code", user.id)
        at = await self._limits.take([(counted, OF_ACCOUNT), of_address(visitor)], visitor)
        if not await asyncio.to_thread(second_step.is_used_up, self.state.users, user, code, self.now):
            await self.audit.at_door("sign-in.code", visitor, user=user.name, outcome="wrong code")
            raise Refused(
                RefusalKind.INVALID,
                translatable("The code is wrong or was used already"),
                next_step=translatable("Wait for the next code of your app and enter that."),
                fields={"code": translatable("The code is wrong or was used already")},
            )
        await self._limits.succeeded([counted], visitor, at)

    def lasts(self, held: StoredSession) -> bool:
        """Whether a session is still open."""
        now = self.now
        if held.user is not None and held.user.disabled:
            return False
        if held.stage == SessionStage.NEEDS_CODE.value:
            return now - held.created_at < _CODE_AGE
        return now - held.seen_at < SESSION_IDLE and now - held.created_at < SESSION_LONGEST

    def _shown(self, held: StoredSession, visitor: Visitor) -> Session:
        stage, caller = SessionStage(held.stage), None
        if stage is SessionStage.SIGNED_IN and held.user is not None:
            caller = Caller(
                user_id=held.user.id,
                name=held.user.name,
                full_name=held.user.full_name,
                permissions=self._permissions(held.user),
                door=Door.PAGE,
                address=visitor.address,
                signed_in_at=held.password_at,
                session_id=held.id,
                language=held.user.language,
                time_zone=held.user.time_zone,
            )
        return Session(
            id=held.id,
            stage=stage,
            caller=caller,
            experience=held.user.experience if held.user is not None else "Suite",
            has_notices=held.has_notices,
            has_kept_form=held.kept_at is not None and self.now - held.kept_at <= KEPT_FORM_AGE,
            needs_second_step=held.user is not None and self.needs_second_step(held.user),
        )

    def needs_second_step(self, user: StoredUser) -> bool:
        """Whether a user's rights rest until two-step sign-in is set up."""
        return (
            self.rules.second_step_for_administrators
            and not user.has_second_step
            and bool(user.permissions & _DELICATE)
        )

    def _permissions(self, user: StoredUser) -> frozenset[Permission]:
        return user.permissions - _DELICATE if self.needs_second_step(user) else user.permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class _SignedIn:
    user: StoredUser
    created_at: datetime
    password_at: datetime | None
