"""Carries out what is asked about somebody's notifications."""

from collections.abc import Iterable, Sequence
from typing import Final

from interlace.bootstrap.accounts import StoredAccounts
from interlace.bootstrap.desk.carry_out import off_loop
from interlace.bootstrap.desk.short_list import ShortList
from interlace.bootstrap.notifying.address_codes import digest_of_code
from interlace.bootstrap.notifying.addressees import choice_in_force
from interlace.bootstrap.notifying.mail_settings import is_address
from interlace.management import notifications
from interlace.management.caller import Caller, Door
from interlace.management.desk import Works
from interlace.management.noted_changes import note_change, note_changes
from interlace.management.notifications import (
    KINDS_WITH_OWNERS,
    NOTIFICATION_COLUMNS,
    AddressProven,
    CodeAsked,
    CountUnread,
    ListNotifications,
    MarkedRead,
    MarkRead,
    Notification,
    NotificationKind,
    Notifications,
    ProveAddress,
    SendCode,
    ShowSubscription,
    Subscribe,
    Subscription,
    Unread,
)
from interlace.management.refusal import RefusalKind, Refused, too_early
from interlace.management.throttle import OF_CODE, OF_KEY
from interlace.management.translatable import translatable
from interlace.store.attempts import subject
from interlace.store.notification_choices import NotificationChoice
from interlace.store.notifications import KeptMessage
from interlace.store.users import StoredUser

_LIST: Final[ShortList[Notification, Notifications]] = ShortList(
    columns=NOTIFICATION_COLUMNS, answer=Notifications, key_of=lambda each: each.id
)
_LISTED_MAX: Final = 5000


def add_notifications(works: Works, accounts: StoredAccounts) -> None:
    """Let these operations be carried out."""
    work = _Notifications(accounts)
    works.add(notifications.LIST, work.listed)
    works.add(notifications.UNREAD, work.unread)
    works.add(notifications.READ, work.mark_read)
    works.add(notifications.SUBSCRIPTION, work.subscription)
    works.add(notifications.SUBSCRIBE, work.subscribe)
    works.add(notifications.SEND_CODE, work.send_code)
    works.add(notifications.PROVE, work.prove)


class _Notifications:
    """Everybody's messages and choices, each asked of by whom they belong to."""

    def __init__(self, accounts: StoredAccounts) -> None:
        self._state = accounts.state

    async def listed(self, caller: Caller, asked: ListNotifications) -> Notifications:
        return _LIST.page(caller, asked, await off_loop(self._rows, caller, asked.user))

    def _rows(self, caller: Caller, user: str) -> list[Notification]:
        names = {str(each.id): each.name for each in self._state.connections()}
        held = self._state.notifications.of_user(self._user_id(caller, user), _LISTED_MAX)
        return [
            _shown(each, name)
            for each in held
            # The connection may have been removed at this moment.
            if (name := names.get(each.connection_id)) is not None
            and (caller.connections is None or name in caller.connections)
        ]

    async def unread(self, caller: Caller, asked: CountUnread) -> Unread:
        return Unread(count=await off_loop(self._unread, caller, asked.user))

    def _unread(self, caller: Caller, user: str) -> int:
        if caller.connections is not None:
            return sum(not each.is_read for each in self._rows(caller, user))
        return self._state.notifications.unread(self._user_id(caller, user))

    async def mark_read(self, caller: Caller, asked: MarkRead) -> MarkedRead:
        if not asked.ids and not asked.every:
            raise Refused(
                RefusalKind.INVALID,
                translatable("Nothing was chosen"),
                next_step=translatable("Choose messages, or all."),
            )
        count = await off_loop(self._mark_read, caller, asked)
        return MarkedRead(count=count, message=translatable("Messages marked as read: {count}", count=count))

    def _mark_read(self, caller: Caller, asked: MarkRead) -> int:
        reached = {each.id for each in self._rows(caller, asked.user)}
        ids = reached if asked.every else reached & set(asked.ids)
        return self._state.notifications.mark_read(self._user_id(caller, asked.user), sorted(ids))

    async def subscription(self, caller: Caller, asked: ShowSubscription) -> Subscription:
        return await off_loop(self._subscription, caller, asked.user)

    async def subscribe(self, caller: Caller, asked: Subscribe) -> Subscription:
        return await off_loop(self._subscribe, caller, asked)

    def _subscribe(self, caller: Caller, asked: Subscribe) -> Subscription:
        user = self._user(caller, asked.user)
        before = choice_in_force(user, self._state.notification_choices.of_user(user.id))
        choice = NotificationChoice(
            address=before.address if asked.address is None else asked.address.strip(),
            shown=before.shown if asked.shown is None else _kinds("shown", asked.shown, NotificationKind),
            mailed=before.mailed
            if asked.mailed is None
            else _kinds("mailed", asked.mailed, NotificationKind),
            mappings=before.mappings if asked.mappings is None else _given(asked.mappings),
            of_others=before.of_others
            if asked.of_others is None
            else _kinds("of_others", asked.of_others, KINDS_WITH_OWNERS),
        )
        _require_address(choice)
        if choice.address and choice.address != before.address:
            self._take_code(user, choice.address)
        self._state.notification_choices.store(user.id, choice)
        note_changes("", _noted(before), _noted(choice))
        return self._subscription(caller, asked.user)

    def _subscription(self, caller: Caller, name: str) -> Subscription:
        user = self._user(caller, name)
        chosen = self._state.notification_choices.of_user(user.id)
        choice = choice_in_force(user, chosen)
        proof = self._state.address_proofs.of_user(user.id)
        unproven = proof if proof is not None and proof.proven_at is None else None
        problem = self._state.outgoing_mail.last_problem(user.id) if choice.mailed else ""
        return Subscription(
            address=choice.address,
            shown=choice.shown,
            mailed=choice.mailed,
            mappings=choice.mappings,
            of_others=choice.of_others,
            is_chosen=chosen is not None,
            is_proven=choice.is_proven,
            code_expires_at=None if unproven is None else unproven.expires_at,
            mail_problem=problem if unproven is None else unproven.problem,
        )

    async def send_code(self, caller: Caller, asked: SendCode) -> CodeAsked:
        return await off_loop(self._send_code, caller, asked.user)

    def _send_code(self, caller: Caller, name: str) -> CodeAsked:
        user = self._user(caller, name)
        proof = self._state.address_proofs.of_user(user.id)
        if proof is None or proof.proven_at is not None:
            raise Refused(
                RefusalKind.INVALID,
                translatable("There is no address to confirm"),
                next_step=translatable("Enter your e-mail address under What I Am Told."),
            )
        self._take_code(user, proof.address)
        self._state.address_proofs.ask_again(user.id)
        told = translatable("A message with a link is sent to {address}.", address=proof.address)
        return CodeAsked(address=proof.address, message=told)

    async def prove(self, caller: Caller, asked: ProveAddress) -> AddressProven:
        return await off_loop(self._prove, caller, asked)

    def _prove(self, caller: Caller, asked: ProveAddress) -> AddressProven:
        user = self._user(caller, asked.user)
        tried = subject("address code", user.id)
        now, start = self._state.attempts.take([(tried, OF_KEY)])
        if start > now:
            raise too_early(translatable("Too many attempts"), start - now)
        address = self._state.address_proofs.prove(user.id, digest_of_code(asked.code.strip()))
        if not address:
            raise Refused(
                RefusalKind.INVALID,
                translatable("This link confirms no address of yours"),
                why=translatable(
                    "It was used, is older than a day, or was sent for another user or another address; or a newer "
                    "one was sent."
                ),
                next_step=translatable(
                    "Under What I Am Told you see whether your address is confirmed, and send another."
                ),
                fields={"code": translatable("Enter the code of the newest message.")},
            )
        self._state.attempts.succeeded([tried], [], now)
        note_change("proven_address", "", address)
        told = translatable(
            "The address {address} is confirmed: e-mails are sent there now.", address=address
        )
        return AddressProven(address=address, message=told)

    def _take_code(self, user: StoredUser, address: str) -> None:
        """Count a code that is to be sent; raises Refused where too many were."""
        counted = [
            (subject("code of user", user.id), OF_CODE),
            (subject("code to address", address.casefold()), OF_CODE),
        ]
        now, start = self._state.attempts.take(counted)
        if start > now:
            raise too_early(translatable("Too many messages were sent to confirm an address"), start - now)

    def _user_id(self, caller: Caller, name: str) -> str:
        return caller.user_id if caller.user_id and not name else self._user(caller, name).id

    def _user(self, caller: Caller, name: str) -> StoredUser:
        """Return whose notifications are asked of; raises Refused for somebody else's."""
        found = self._state.users.named(name or caller.name)
        if caller.door is Door.MACHINE:
            if found is None:
                raise Refused(
                    RefusalKind.NOT_FOUND,
                    translatable("There is no user {name}", name=(name or caller.name)[:100]),
                    next_step=translatable("`interlace users list` lists them all."),
                )
            return found
        if found is None or found.id != caller.user_id:
            raise Refused(
                RefusalKind.FORBIDDEN,
                translatable("Everybody looks after his own notifications"),
                next_step=translatable("Leave the user out."),
            )
        return found


def _shown(each: KeptMessage, connection: str) -> Notification:
    return Notification(
        id=each.id,
        at=each.at,
        kind=each.kind,
        connection=connection,
        message=each.message,
        page=each.page,
        is_over=each.is_over,
        is_read=each.is_read,
    )


def _given(names: Sequence[str]) -> tuple[str, ...]:
    """Return what a list names, each once; a blank entry only says that it is the whole list."""
    return tuple(dict.fromkeys(each.strip() for each in names if each.strip()))


def _kinds(field: str, names: Sequence[str], kinds: Iterable[NotificationKind]) -> tuple[str, ...]:
    known = [each.value for each in kinds]
    given = _given(names)
    if wrong := [each for each in given if each not in known]:
        raise Refused(
            RefusalKind.INVALID,
            translatable("There is no such kind of notification"),
            why=translatable("{name} is none. Kinds: {known}.", name=wrong[0][:100], known=", ".join(known)),
            fields={field: translatable("Choose among the kinds.")},
        )
    return tuple(each for each in known if each in given)


def _require_address(choice: NotificationChoice) -> None:
    if choice.address and not is_address(choice.address):
        raise Refused(
            RefusalKind.INVALID,
            translatable("This is no e-mail address"),
            fields={"address": translatable("Write one address, such as ana@example.com.")},
        )
    if choice.mailed and not choice.address:
        raise Refused(
            RefusalKind.INVALID,
            translatable("E-mails need an address"),
            next_step=translatable("Enter your e-mail address, or choose no e-mails."),
            fields={"address": translatable("Write one address, such as ana@example.com.")},
        )


def _noted(choice: NotificationChoice) -> dict[str, object]:
    return {
        "address": choice.address,
        "shown": list(choice.shown),
        "mailed": list(choice.mailed),
        "mappings": list(choice.mappings),
        "of_others": list(choice.of_others),
    }
