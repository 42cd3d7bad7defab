"""Who may come in: the port behind sign-in, sessions and access keys, and what goes over it.

The web client knows only this; what keeps users and sessions is put behind it where Interlace is put together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Protocol, runtime_checkable

from interlace.management.caller import Caller

SESSION_IDLE = timedelta(minutes=30)
SESSION_LONGEST = timedelta(hours=12)
KEPT_FORM_AGE = timedelta(hours=1)
SUITE = "Suite"
"""The experience that shows the integration on every page."""
BASIC = "Basic"
"""The experience that hides it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Where a request comes from."""

    address: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptForm:
    """A form that was sent when its sender was no longer signed in; given back after the next sign-in."""

    action: str
    """The address that it was sent to."""
    page: str
    """The page that it stands on."""
    fields: Sequence[tuple[str, str]] = ()
    """What was typed, in order; a name may come more than once. Passwords and keys are not kept."""
    left_out: Sequence[str] = ()
    """Names of the fields that were not kept."""

    def value(self, name: str, otherwise: str = "") -> str:
        """Return what was typed in a field."""
        return next((value for held, value in self.fields if held == name), otherwise)


class SessionStage(Enum):
    """How far somebody has come in."""

    VISITING = "visiting"
    """Nobody yet: a browser that a form is kept for."""
    NEEDS_CODE = "needs code"
    """The password was right; the second step is open."""
    SIGNED_IN = "signed in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser's session, as of this request."""

    id: str
    stage: SessionStage
    caller: Caller | None = None
    """None until signed in."""
    experience: str = SUITE
    has_notices: bool = False
    has_kept_form: bool = False
    needs_second_step: bool = False
    """The user's rights rest until two-step sign-in is set up."""
    new_token: str = field(default="", repr=False)
    """Takes the place of the cookie's from now on, because the user's rights have changed; blank: it stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A session with its new token, which goes into the cookie and is stored nowhere."""

    token: str = field(repr=False)
    session: Session


@runtime_checkable
class Accounts(Protocol):
    """Sign-in, sessions and access keys."""

    async def session(self, token: str, visitor: Visitor, *, is_background: bool = False) -> Session | None:
        """Return the session of a cookie's token; None when it ended. What runs by itself doesn't keep it open."""

    async def key_caller(self, key: str, visitor: Visitor) -> Caller:
        """Return who comes in with an access key; raises Refused."""

    async def sign_in(self, name: str, password: str, visitor: Visitor, *, token: str = "") -> Opened:
        """Open a session by password; `token` is the cookie's of before. Raises Refused, the same for every cause."""

    async def confirm_code(self, token: str, code: str, visitor: Visitor) -> Opened:
        """Finish a sign-in by the second step: a code of the app or a recovery code; raises Refused."""

    async def enter_password_again(self, token: str, password: str, code: str, visitor: Visitor) -> Opened:
        """Make a session fresh; raises Refused."""

    async def renew(self, token: str, visitor: Visitor) -> Opened:
        """Give a session another token, because what it may has changed; raises Refused when it ended."""

    async def sign_out(self, token: str) -> None:
        """End a session."""

    async def has_administrator(self) -> bool:
        """Whether anybody can administer; before that, only this machine may be served."""

    async def first_start_code(self) -> str:
        """Make the one code with which the first administrator can be created; the one of before is void."""

    async def may_first_start(self, code: str) -> bool:
        """Whether a code would be taken now."""

    async def first_start(self, code: str, answers: "FirstStart", visitor: Visitor) -> Opened:
        """Create the first administrator and sign in; raises Refused."""

    async def keep_form(self, token: str, form: KeptForm, visitor: Visitor) -> str:
        """Keep a form for the next sign-in of this browser; returns the token for its cookie, new or as it was."""

    async def kept_form(self, session_id: str) -> KeptForm | None:
        """Return the form that is kept for a session."""

    async def drop_kept_form(self, session_id: str) -> None:
        """Forget it: it was sent again, or is not wanted."""

    async def tell(self, session_id: str, notice: str) -> None:
        """Keep a notice, as text of the caller's making, for the session's next page."""

    async def take_notices(self, session_id: str) -> tuple[str, ...]:
        """Return the notices for a page, oldest first, and forget them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStart:
    """What is entered at the first start."""

    name: str
    full_name: str
    password: str = field(repr=False)
    language: str = "en_US"
    time_zone: str = "UTC"
