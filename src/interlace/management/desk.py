"""Where everything is asked: permission first, then the work, then the audit log."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar, cast

import msgspec

from interlace.management.asked import require_storable
from interlace.management.caller import Caller, Door
from interlace.management.noted_changes import Noted, noting
from interlace.management.operation import Operation
from interlace.management.permission import Permission
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.secret_text import public_fields, secret_names
from interlace.management.translatable import translatable

FRESH_SIGN_IN = timedelta(minutes=5)

AskedT = TypeVar("AskedT", bound=msgspec.Struct)
AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)
Work = Callable[[Caller, AskedT], Awaitable[AnswerT]]


class Audit(Protocol):
    """The audit log."""

    async def __call__(
        self, caller: Caller, name: str, details: Mapping[str, object], outcome: str, changes: Noted
    ) -> None:
        """Keep which operation or act it was, what was asked, what was changed by it and how it ended.

        `outcome` is blank when it was done, else the refusal's title.
        """


class Works:
    """What carries each operation out, collected area by area."""

    def __init__(self) -> None:
        self._works: dict[str, Work[msgspec.Struct, msgspec.Struct]] = {}

    def add(self, operation: Operation[AskedT, AnswerT], work: Work[AskedT, AnswerT]) -> None:
        """Let `work` carry an operation out; one for each."""
        assert operation.name not in self._works, f"{operation.name} is carried out twice"
        self._works[operation.name] = cast("Work[msgspec.Struct, msgspec.Struct]", work)

    def get(self, name: str) -> Work[msgspec.Struct, msgspec.Struct]:
        """Return what carries an operation out."""
        return self._works[name]

    def names(self) -> frozenset[str]:
        """Return the operations that are carried out."""
        return frozenset(self._works)


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class Desk:
    """Takes what is asked from pages, API and remote commands alike."""

    def __init__(self, works: Works, audit: Audit, now: Callable[[], datetime] = utc_now) -> None:
        self._works = works
        self._audit = audit
        self._now = now

    def may(self, caller: Caller, operation: Operation[AskedT, AnswerT]) -> bool:
        """Whether the caller has the permission; pages show other actions as not allowed."""
        return operation.permission in caller.permissions

    async def perform(self, operation: Operation[AskedT, AnswerT], caller: Caller, asked: AskedT) -> AnswerT:
        """Carry an operation out, or raise Refused."""
        with noting() as changes:
            try:
                self._require(operation, caller, asked)
                require_storable(asked)
                answer = await self._works.get(operation.name)(caller, asked)
            except Refused as refused:
                if operation.is_kept or refused.kind is RefusalKind.FORBIDDEN:
                    await self._audit(caller, operation.name, public_fields(asked), refused.title, {})
                raise
            except Exception:
                if operation.is_kept:
                    failed = translatable("Something went wrong in Interlace")
                    await self._audit(caller, operation.name, public_fields(asked), failed, changes)
                raise
            if operation.is_kept:
                await self._audit(caller, operation.name, public_fields(asked), "", changes)
        return cast("AnswerT", answer)

    async def keep(self, caller: Caller, act: str, details: Mapping[str, object]) -> None:
        """Keep in the audit log what was done with answers, such as a list that leaves as a file."""
        await self._audit(caller, act, details, "", {})

    def _require(self, operation: Operation[AskedT, AnswerT], caller: Caller, asked: AskedT) -> None:
        if not self.may(caller, operation):
            raise Refused(
                RefusalKind.FORBIDDEN,
                translatable("You don't have the permission for this"),
                why=translatable(
                    "“{action}” needs the permission {permission}.",
                    action=operation.caption,
                    permission=operation.permission.value,
                ),
                next_step=translatable("Ask an administrator for a permission set that holds it."),
                code=operation.permission.value,
            )
        is_delicate = _is_delicate(operation, asked)
        if is_delicate and caller.token_id:
            raise Refused(
                RefusalKind.FORBIDDEN,
                translatable("An access key can't do this"),
                why=translatable("Users, keys, secrets and approvals are looked after by people."),
                next_step=translatable("Sign in with your password and do it on the page."),
                code="needs-a-person",
            )
        asks = is_delicate or (operation.asks_password_for is not None and operation.asks_password_for(asked))
        if asks and caller.door is Door.PAGE and not self.is_fresh(caller):
            raise Refused(
                RefusalKind.SIGN_IN_AGAIN,
                translatable("Enter your password again"),
                why=translatable("This needs a password that was entered within the last five minutes."),
            )

    def is_fresh(self, caller: Caller) -> bool:
        """Whether the password was entered a moment ago, as delicate operations want it."""
        return caller.signed_in_at is not None and self._now() - caller.signed_in_at <= FRESH_SIGN_IN


def _is_delicate(operation: Operation[AskedT, AnswerT], asked: AskedT) -> bool:
    """Whether it is for people only, who have just shown who they are: what is declared so, and entering secrets.

    One's own password proves itself: the old one is asked for with it.
    """
    if operation.needs_fresh_sign_in or operation.permission is Permission.READ:
        return operation.needs_fresh_sign_in
    return any(getattr(asked, name, None) for name in secret_names(operation.asked))
