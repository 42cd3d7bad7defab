"""One's own account: name, language, password, two-step sign-in, and where one is signed in."""

from interlace.management.operation import Answer, Asked, Effect, Nothing, Operation
from interlace.management.permission import Permission
from interlace.management.secret_text import SecretText
from interlace.management.translatable import translatable
from interlace.management.users import Ended, SessionSummary, UserSummary

_MACHINE = "A command on the machine has no account of its own; `interlace users` does it for anybody."


class ShowAccount(Asked, frozen=True, kw_only=True):
    """Asks for one's own account."""


class Account(Answer, frozen=True, kw_only=True):
    """One's own account."""

    user: UserSummary
    sessions: tuple[SessionSummary, ...]
    recovery_codes: int
    """How many are left."""
    needs_second_step: bool
    """One's rights as an administrator rest until two-step sign-in is set up."""


class ChangeAccount(Asked, frozen=True, kw_only=True):
    """What is to change; what is left out stays."""

    full_name: str | None = None
    language: str | None = None
    time_zone: str | None = None
    experience: str | None = None


class ChangePassword(Asked, frozen=True, kw_only=True):
    """The password of before, and the new one."""

    old_password: SecretText
    new_password: SecretText


class BeginSecondStep(Asked, frozen=True, kw_only=True):
    """Asks for a key for an authenticator app."""


class SecondStepKey(Answer, frozen=True, kw_only=True):
    """What an authenticator app is given; it counts once a code of it was entered."""

    key: str
    address: str
    """The `otpauth:` address, which apps read from a link or a picture."""


class ConfirmSecondStep(Asked, frozen=True, kw_only=True):
    """A code of the app, which proves that it has the key."""

    code: SecretText


class RecoveryCodes(Answer, frozen=True, kw_only=True):
    """Codes that stand in for the app, each once; this is the only time that they are shown."""

    codes: tuple[str, ...]


class EndSecondStep(Asked, frozen=True, kw_only=True):
    """Asks to sign in by password alone from now on."""


class EndOwnSession(Asked, frozen=True, kw_only=True):
    """One of one's own sessions; blank ends all but this one."""

    session: str = ""


SHOW = Operation(
    name="account.show",
    asked=ShowAccount,
    answer=Account,
    permission=Permission.READ,
    caption=translatable("My Account"),
    tooltip=translatable("Show your own account."),
    without_command=_MACHINE,
)
CHANGE = Operation(
    name="account.change",
    asked=ChangeAccount,
    answer=UserSummary,
    permission=Permission.READ,
    caption=translatable("Save"),
    tooltip=translatable("Change your name, language, time zone or experience."),
    effect=Effect.WRITES,
    without_command=_MACHINE,
)
CHANGE_PASSWORD = Operation(
    name="account.change-password",
    asked=ChangePassword,
    answer=Nothing,
    permission=Permission.READ,
    caption=translatable("Change Password"),
    tooltip=translatable("Choose a new password; you are signed out everywhere else."),
    effect=Effect.WRITES,
    without_command=_MACHINE,
)
BEGIN_SECOND_STEP = Operation(
    name="account.begin-second-step",
    asked=BeginSecondStep,
    answer=SecondStepKey,
    permission=Permission.READ,
    caption=translatable("Set Up Two-Step Sign-In"),
    tooltip=translatable("Get a key for your authenticator app."),
    effect=Effect.WRITES,
    without_command=_MACHINE,
    needs_fresh_sign_in=True,
)
CONFIRM_SECOND_STEP = Operation(
    name="account.confirm-second-step",
    asked=ConfirmSecondStep,
    answer=RecoveryCodes,
    permission=Permission.READ,
    caption=translatable("Confirm"),
    tooltip=translatable("Enter a code of your app; from then on it is asked for at each sign-in."),
    effect=Effect.WRITES,
    without_command=_MACHINE,
    needs_fresh_sign_in=True,
)
END_SECOND_STEP = Operation(
    name="account.end-second-step",
    asked=EndSecondStep,
    answer=Nothing,
    permission=Permission.READ,
    caption=translatable("End Two-Step Sign-In"),
    tooltip=translatable("Sign in by password alone from now on."),
    effect=Effect.WRITES,
    without_command=_MACHINE,
    needs_fresh_sign_in=True,
)
END_SESSION = Operation(
    name="account.end-session",
    asked=EndOwnSession,
    answer=Ended,
    permission=Permission.READ,
    caption=translatable("Sign Out There"),
    tooltip=translatable("End one of your sessions, or all but this one."),
    effect=Effect.WRITES,
    without_command=_MACHINE,
)

OPERATIONS = (
    SHOW,
    CHANGE,
    CHANGE_PASSWORD,
    BEGIN_SECOND_STEP,
    CONFIRM_SECOND_STEP,
    END_SECOND_STEP,
    END_SESSION,
)
