"""Carries out what is asked about users and their sessions."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from interlace.bootstrap import account_checks
from interlace.bootstrap.accounts import StoredAccounts
from interlace.bootstrap.desk.changed_users import change_of, change_of_sets, note_user, noting
from interlace.bootstrap.desk.short_list import ShortList
from interlace.bootstrap.desk.shown_users import session_summary, user_summary
from interlace.management import users
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.noted_changes import note_change
from interlace.management.operation import Nothing
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.management.users import (
    USER_COLUMNS,
    AddUser,
    ChangeUser,
    Deleted,
    Ended,
    EndSession,
    ListSessions,
    ListUsers,
    NamedUser,
    Sessions,
    SetPassword,
    Users,
    UserSummary,
)
from interlace.store.users import LastAdministrator, StoredUser, UserNameTaken, new_user_id

_LIST: Final[ShortList[UserSummary, Users]] = ShortList(
    columns=USER_COLUMNS, answer=Users, key_of=lambda each: each.name
)


def add_users(works: Works, accounts: StoredAccounts) -> None:
    """Let these operations be carried out."""
    work = _UserWork(accounts)
    works.add(users.LIST, work.list_users)
    works.add(users.SHOW, work.show)
    works.add(users.ADD, work.add)
    works.add(users.CHANGE, work.change)
    works.add(users.DISABLE, work.disable)
    works.add(users.ENABLE, work.enable)
    works.add(users.DELETE, work.delete)
    works.add(users.SET_PASSWORD, work.set_password)
    works.add(users.END_SECOND_STEP, work.end_second_step)
    works.add(users.SESSIONS, work.sessions)
    works.add(users.END_SESSION, work.end_session)
    works.add(users.END_ALL, work.end_all)


class _UserWork:
    def __init__(self, accounts: StoredAccounts) -> None:
        self._accounts = accounts
        self._state = accounts.state

    async def list_users(self, caller: Caller, asked: ListUsers) -> Users:
        return _LIST.page(caller, asked, await asyncio.to_thread(self._every))

    async def show(self, _caller: Caller, asked: NamedUser) -> UserSummary:
        return await self._summary(await self._named(asked.name))

    async def add(self, _caller: Caller, asked: AddUser) -> UserSummary:
        name = account_checks.checked_name(asked.name)
        full_name = account_checks.checked_full_name(asked.full_name)
        account_checks.check_password(asked.password, (name, full_name))
        new = StoredUser(
            id=new_user_id(),
            name=name,
            full_name=full_name,
            permission_sets=account_checks.checked_sets(asked.permission_sets),
            language=account_checks.checked_language(asked.language),
            time_zone=account_checks.checked_zone(asked.time_zone),
            experience=account_checks.checked_experience(asked.experience),
            password_hash=await self._accounts.hashes.hash(asked.password),
            created_at=self._accounts.now,
        )
        try:
            await asyncio.to_thread(self._state.users.add, new)
        except UserNameTaken as problem:
            raise account_checks.invalid("name", translatable("There is a user of that name.")) from problem
        note_user(None, new)
        return await self._summary(new)

    async def change(self, _caller: Caller, asked: ChangeUser) -> UserSummary:
        found = await self._named(asked.name)
        settings, sets = change_of(asked), change_of_sets(asked)
        return await self._summary(await self._changed(found, lambda held: sets(settings(held))))

    async def disable(self, _caller: Caller, asked: NamedUser) -> UserSummary:
        found = await self._named(asked.name)
        changed = await self._changed(found, lambda held: replace(held, disabled=True), ends_sessions=True)
        return await self._summary(changed)

    async def enable(self, _caller: Caller, asked: NamedUser) -> UserSummary:
        found = await self._named(asked.name)
        return await self._summary(await self._changed(found, lambda held: replace(held, disabled=False)))

    async def delete(self, _caller: Caller, asked: NamedUser) -> Deleted:
        found = await self._named(asked.name)
        try:
            gone = await asyncio.to_thread(self._state.users.delete, found.id)
        except LastAdministrator as problem:
            raise _last_administrator(found) from problem
        except KeyError as problem:
            raise _nobody(asked.name) from problem
        note_user(gone.user, None)
        note_change("sessions", gone.sessions, 0)
        note_change("keys", gone.keys, 0)
        return Deleted(
            name=found.name,
            sessions=gone.sessions,
            keys=gone.keys,
            message=translatable(
                "{name} is deleted: sessions and access keys have ended. The audit log keeps the name.",
                name=found.name,
            ),
            page="/users",
        )

    async def set_password(self, _caller: Caller, asked: SetPassword) -> Nothing:
        found = await self._named(asked.name)
        account_checks.check_password(asked.password, (found.name, found.full_name))
        made = await self._accounts.hashes.hash(asked.password)
        await self._changed(found, lambda held: replace(held, password_hash=made), ends_sessions=True)
        return Nothing()

    async def end_second_step(self, _caller: Caller, asked: NamedUser) -> Nothing:
        found = await self._named(asked.name)
        await asyncio.to_thread(self._state.users.end_totp, found.id)
        await asyncio.to_thread(self._state.sessions.end_all, found.id)
        note_change("has_second_step", found.has_second_step, after=False)
        return Nothing()

    async def sessions(self, caller: Caller, asked: ListSessions) -> Sessions:
        user_id = (await self._named(asked.name)).id if asked.name else None
        held = await asyncio.to_thread(self._state.sessions.of_users, user_id)
        lasting = [each for each in held if self._accounts.lasts(each)]
        return Sessions(sessions=tuple(session_summary(each, caller.session_id) for each in lasting))

    async def end_session(self, _caller: Caller, asked: EndSession) -> Ended:
        if not await asyncio.to_thread(self._state.sessions.end, asked.session):
            raise Refused(RefusalKind.NOT_FOUND, translatable("The session has ended already"))
        return Ended(sessions=1)

    async def end_all(self, caller: Caller, asked: NamedUser) -> Ended:
        found = await self._named(asked.name)
        return Ended(sessions=await asyncio.to_thread(self._state.sessions.end_all, found.id))

    def _every(self) -> list[UserSummary]:
        lasting = [each for each in self._state.sessions.of_users() if self._accounts.lasts(each)]
        of_user = [each.user.id for each in lasting if each.user is not None]
        return [user_summary(each, of_user.count(each.id)) for each in self._state.users.every()]

    async def _summary(self, user: StoredUser) -> UserSummary:
        held = await asyncio.to_thread(self._state.sessions.of_users, user.id)
        return user_summary(user, sum(self._accounts.lasts(each) for each in held))

    async def _named(self, name: str) -> StoredUser:
        found = await asyncio.to_thread(self._state.users.named, name)
        if found is None:
            raise _nobody(name)
        return found

    async def _changed(
        self, user: StoredUser, changed: Callable[[StoredUser], StoredUser], *, ends_sessions: bool = False
    ) -> StoredUser:
        try:
            return await asyncio.to_thread(
                self._state.users.change, user.id, noting(changed), ends_sessions=ends_sessions
            )
        except LastAdministrator as problem:
            raise _last_administrator(user) from problem
        except KeyError as problem:
            # Somebody else deleted the user a moment ago.
            raise _nobody(user.name) from problem


def _nobody(name: str) -> Refused:
    return Refused(
        RefusalKind.NOT_FOUND,
        translatable("There is no user {name}", name=name[:100]),
        next_step=translatable("The Users page lists them all."),
    )


def _last_administrator(user: StoredUser) -> Refused:
    return Refused(
        RefusalKind.INVALID,
        translatable("{name} is the last one who can administer", name=user.name),
        why=translatable("After this nobody could add users or permissions any more."),
        next_step=translatable("Give somebody else the permission set INTERLACE ADMIN first."),
    )
