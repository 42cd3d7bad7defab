"""Notifications: one message for each change that concerns somebody, and what each person wants to be told."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from interlace.domain.filter_language import FieldKind
from interlace.management.listing import YES_OR_NO, Choice, ListAnswer, ListColumn, ListRow, ServerListAsked
from interlace.management.operation import Answer, Asked, Effect, Operation
from interlace.management.permission import Permission
from interlace.management.secret_text import SecretText
from interlace.management.translatable import translatable

ADDRESS_MAX: Final = 254
"""No address of an e-mail is longer."""
_CHOSEN_MAX: Final = 1000


class NotificationKind(StrEnum):
    """What people are told of."""

    CAUSE = "cause"
    """What holds records back: it came, or is solved."""
    CONFLICT = "conflict"
    """Two coupled records wait for a person's decision."""
    ORDER = "order"
    """An order is held, or goes on."""
    HALT = "halt"
    """A mapping stopped before it wrote, or is released."""
    PLAN = "plan"
    """A plan awaits approval, or was decided on."""
    FULL_SYNCH = "full synch"
    """A full synchronization ended."""
    SILENCE = "silence"
    """A mapping, or a whole connection, is long overdue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindTold:
    """How a kind is called, and whom it concerns who chose nothing."""

    caption: str
    description: str
    permission: Permission
    """Who can do something about it is told without having asked."""
    has_owners: bool = False
    """Somebody is responsible for it, who is told before others."""


KINDS: Final = {
    NotificationKind.CAUSE: KindTold(
        caption=translatable("Causes of errors"),
        description=translatable("Something begins to hold records back, or does so no more."),
        permission=Permission.SYNCHRONIZE,
    ),
    NotificationKind.CONFLICT: KindTold(
        caption=translatable("Conflicts"),
        description=translatable("Two coupled records begin to wait for a decision, or do so no more."),
        permission=Permission.SYNCHRONIZE,
        has_owners=True,
    ),
    NotificationKind.ORDER: KindTold(
        caption=translatable("Held orders"),
        description=translatable("Something begins to hold an order, or does so no more."),
        permission=Permission.SYNCHRONIZE,
        has_owners=True,
    ),
    NotificationKind.HALT: KindTold(
        caption=translatable("Safety Halts"),
        description=translatable("A mapping stops before it writes anything, or somebody releases it."),
        permission=Permission.APPROVE,
    ),
    NotificationKind.PLAN: KindTold(
        caption=translatable("Approval of plans"),
        description=translatable("Somebody else's plan awaits approval, or yours was approved or rejected."),
        permission=Permission.APPROVE,
    ),
    NotificationKind.FULL_SYNCH: KindTold(
        caption=translatable("Full synchronizations"),
        description=translatable("A full synchronization has ended."),
        permission=Permission.MANAGE_CONNECTION,
    ),
    NotificationKind.SILENCE: KindTold(
        caption=translatable("Overdue synchronizations"),
        description=translatable("No run of a mapping goes through for long, or one does again."),
        permission=Permission.MANAGE_CONNECTION,
    ),
}
KINDS_WITH_OWNERS: Final = tuple(kind for kind, told in KINDS.items() if told.has_owners)
NOTIFICATION_COLUMNS: Final = (
    ListColumn(
        name="at",
        caption=translatable("Told At"),
        tooltip=translatable("When the change was noticed and told."),
        kind=FieldKind.MOMENT,
        is_sorted=True,
    ),
    ListColumn(
        name="kind",
        caption=translatable("Kind"),
        tooltip=translatable("What sort of thing it is."),
        kind=FieldKind.CHOICE,
        choices=tuple(Choice(value=kind.value, caption=told.caption) for kind, told in KINDS.items()),
    ),
    ListColumn(
        name="message",
        caption=translatable("What Changed"),
        tooltip=translatable("What is so since then; it leads to the page where it is looked after."),
        is_searched=True,
    ),
    ListColumn(
        name="connection",
        caption=translatable("Connection"),
        tooltip=translatable("The connection in which it changed."),
        is_sorted=True,
        is_searched=True,
    ),
    ListColumn(
        name="is_over",
        caption=translatable("Good Again"),
        tooltip=translatable("Whether the message tells that something is good again."),
        kind=FieldKind.CHOICE,
        choices=YES_OR_NO,
    ),
    ListColumn(
        name="is_read",
        caption=translatable("Is Read"),
        tooltip=translatable("Whether you have marked the message as read."),
        kind=FieldKind.CHOICE,
        choices=YES_OR_NO,
    ),
)


class Notification(ListRow, frozen=True, kw_only=True):
    """One message."""

    id: str
    at: datetime
    kind: str
    """A value of NotificationKind."""
    connection: str
    message: str
    page: str
    """Where it is looked after."""
    is_over: bool
    is_read: bool


class Notifications(ListAnswer, frozen=True, kw_only=True):
    """A page of messages, the newest first."""

    rows: tuple[Notification, ...] = ()


class Unread(Answer, frozen=True, kw_only=True):
    """How many messages are not marked as read."""

    count: int


class MarkedRead(Answer, frozen=True, kw_only=True):
    """How many messages were marked."""

    count: int
    message: str


class Subscription(Answer, frozen=True, kw_only=True):
    """What somebody is told, and how."""

    address: str
    shown: tuple[str, ...]
    mailed: tuple[str, ...]
    mappings: tuple[str, ...]
    """Only what concerns one of these; none: whatever it concerns."""
    of_others: tuple[str, ...]
    """Kinds of which also what others are responsible for is told."""
    is_chosen: bool
    """False: nothing was chosen, so it is what the person can do something about."""
    is_proven: bool = False
    """Whether the address is proven to be the person's: until then only a code is sent there."""
    code_expires_at: datetime | None = None
    """Until when the code that was sent there counts; None: none is on its way to be entered."""
    mail_problem: str = ""
    """Why the last e-mail could not be sent."""


class OfUser(Asked, frozen=True, kw_only=True):
    """Asked of somebody's notifications: blank means one's own; others only the machine's commands ask of."""

    user: str = ""


class ListNotifications(ServerListAsked, frozen=True, kw_only=True):
    """Asks for a page of messages."""

    user: str = ""


class CountUnread(OfUser, frozen=True, kw_only=True):
    """Asks how many messages are not marked as read."""


class MarkRead(OfUser, frozen=True, kw_only=True):
    """Asks to mark messages as read."""

    ids: Annotated[tuple[str, ...], msgspec.Meta(max_length=_CHOSEN_MAX)] = ()
    every: bool = False
    """All that there are."""


class ShowSubscription(OfUser, frozen=True, kw_only=True):
    """Asks what somebody is told."""


class Subscribe(OfUser, frozen=True, kw_only=True):
    """What is to change; what is left out stays, and a blank entry of a list says that it has no others."""

    address: Annotated[str, msgspec.Meta(max_length=ADDRESS_MAX)] | None = None
    shown: Annotated[tuple[str, ...], msgspec.Meta(max_length=_CHOSEN_MAX)] | None = None
    mailed: Annotated[tuple[str, ...], msgspec.Meta(max_length=_CHOSEN_MAX)] | None = None
    mappings: Annotated[tuple[str, ...], msgspec.Meta(max_length=_CHOSEN_MAX)] | None = None
    of_others: Annotated[tuple[str, ...], msgspec.Meta(max_length=_CHOSEN_MAX)] | None = None


class SendCode(OfUser, frozen=True, kw_only=True):
    """Asks to send another code to the address."""


class CodeAsked(Answer, frozen=True, kw_only=True):
    """Where another code is sent."""

    address: str
    message: str


class ProveAddress(OfUser, frozen=True, kw_only=True):
    """A code that was sent to the address: who has it reads what is sent there."""

    code: SecretText


class AddressProven(Answer, frozen=True, kw_only=True):
    """The address that is proven now."""

    address: str
    message: str


LIST = Operation(
    name="notifications.list",
    asked=ListNotifications,
    answer=Notifications,
    permission=Permission.READ,
    caption=translatable("Notifications"),
    tooltip=translatable("Show what has changed that concerns you, the newest first."),
    command="notifications list",
)
UNREAD = Operation(
    name="notifications.unread",
    asked=CountUnread,
    answer=Unread,
    permission=Permission.READ,
    caption=translatable("Unread Notifications"),
    tooltip=translatable("Count the messages that you have not marked as read."),
    command="notifications list",
)
READ = Operation(
    name="notifications.read",
    asked=MarkRead,
    answer=MarkedRead,
    permission=Permission.READ,
    caption=translatable("Mark as Read"),
    tooltip=translatable("Count the message no more at the bell; it stays on the list."),
    effect=Effect.WRITES,
    command="notifications read",
)
SUBSCRIPTION = Operation(
    name="notifications.subscription",
    asked=ShowSubscription,
    answer=Subscription,
    permission=Permission.READ,
    caption=translatable("What I Am Told"),
    tooltip=translatable("Show which changes you are told of, for which mappings, and how."),
    command="notifications subscription",
)
SUBSCRIBE = Operation(
    name="notifications.subscribe",
    asked=Subscribe,
    answer=Subscription,
    permission=Permission.READ,
    caption=translatable("Save What I Am Told"),
    tooltip=translatable("Choose which changes you are told of, for which mappings, and how."),
    effect=Effect.WRITES,
    command="notifications subscribe",
)
SEND_CODE = Operation(
    name="notifications.send_code",
    asked=SendCode,
    answer=CodeAsked,
    permission=Permission.READ,
    caption=translatable("Send the Link Again"),
    tooltip=translatable(
        "Send another message whose link confirms the address; the one before counts no more."
    ),
    effect=Effect.WRITES,
    command="notifications send-code",
)
PROVE = Operation(
    name="notifications.prove",
    asked=ProveAddress,
    answer=AddressProven,
    permission=Permission.READ,
    caption=translatable("Confirm Address"),
    tooltip=translatable("Confirm that the e-mail address is yours; from then on e-mails are sent there."),
    effect=Effect.WRITES,
    command="notifications prove",
)

OPERATIONS = (LIST, UNREAD, READ, SUBSCRIPTION, SUBSCRIBE, SEND_CODE, PROVE)
