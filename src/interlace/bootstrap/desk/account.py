"""Carries out what somebody asks about his own account."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from interlace.bootstrap import account_checks, second_step
from interlace.bootstrap.accounts import StoredAccounts
from interlace.bootstrap.desk.changed_users import change_of, noting
from interlace.bootstrap.desk.shown_users import session_summary, user_summary
from interlace.management import account
from interlace.management.account import (
    Account,
    BeginSecondStep,
    ChangeAccount,
    ChangePassword,
    ConfirmSecondStep,
    EndOwnSession,
    EndSecondStep,
    RecoveryCodes,
    SecondStepKey,
    ShowAccount,
)
from interlace.management.accounts import Visitor
from interlace.management.caller import Caller, Door
from interlace.management.desk import Works
from interlace.management.noted_changes import note_change
from interlace.management.operation import Nothing
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.management.users import Ended, UserSummary
from interlace.store.users import StoredUser


def add_account(works: Works, accounts: StoredAccounts) -> None:
    """Let these operations be carried out."""
    work = _AccountWork(accounts)
    works.add(account.SHOW, work.show)
    works.add(account.CHANGE, work.change)
    works.add(account.CHANGE_PASSWORD, work.change_password)
    works.add(account.BEGIN_SECOND_STEP, work.begin_second_step)
    works.add(account.CONFIRM_SECOND_STEP, work.confirm_second_step)
    works.add(account.END_SECOND_STEP, work.end_second_step)
    works.add(account.END_SESSION, work.end_session)


class _AccountWork:
    def __init__(self, accounts: StoredAccounts) -> None:
        self._accounts = accounts
        self._state = accounts.state

    async def show(self, caller: Caller, _asked: ShowAccount) -> Account:
        user = await self._own(caller)
        held = await asyncio.to_thread(self._state.sessions.of_users, user.id)
        lasting = [each for each in held if self._accounts.lasts(each)]
        return Account(
            user=user_summary(user, len(lasting)),
            sessions=tuple(session_summary(each, caller.session_id) for each in lasting),
            recovery_codes=await asyncio.to_thread(self._state.users.recovery_codes, user.id),
            needs_second_step=self._accounts.needs_second_step(user),
        )

    async def change(self, caller: Caller, asked: ChangeAccount) -> UserSummary:
        user = await self._own(caller)
        changed = await self._changed(user, change_of(asked))
        return user_summary(changed, 1)

    async def change_password(self, caller: Caller, asked: ChangePassword) -> Nothing:
        user = await self._own(caller)
        visitor = Visitor(address=caller.address)
        if not await self._accounts.is_own_password(user, asked.old_password, visitor):
            raise account_checks.invalid("old_password", translatable("The old password is wrong"))
        account_checks.check_password(asked.new_password, (user.name, user.full_name), "new_password")
        made = await self._accounts.hashes.hash(asked.new_password)
        await self._changed(user, lambda held: replace(held, password_hash=made))
        await asyncio.to_thread(self._state.sessions.end_all, user.id, but=caller.session_id)
        return Nothing()

    async def begin_second_step(self, caller: Caller, _asked: BeginSecondStep) -> SecondStepKey:
        user = await self._own(caller)
        key = second_step.new_key()
        await asyncio.to_thread(self._state.users.offer_totp, user.id, key)
        return SecondStepKey(key=key, address=second_step.address_of(key, user.name))

    async def confirm_second_step(self, caller: Caller, asked: ConfirmSecondStep) -> RecoveryCodes:
        user = await self._own(caller)
        key = await asyncio.to_thread(self._state.users.offered_totp, user.id)
        if key is None:
            raise Refused(
                RefusalKind.CHANGED_MEANWHILE,
                translatable("No key was given out for your app"),
                next_step=translatable("Begin with Set Up Two-Step Sign-In."),
            )
        step = second_step.step_of_code(key, asked.code.strip().replace(" ", ""), self._accounts.now)
        if step is None:
            raise account_checks.invalid(
                "code", translatable("This is not the code that your app shows now. Look at its clock, too.")
            )
        codes = second_step.new_recovery_codes()
        digests = [second_step.recovery_digest(each) for each in codes]
        await asyncio.to_thread(self._state.users.take_totp, user.id, key, step, digests)
        await asyncio.to_thread(self._state.sessions.end_all, user.id, but=caller.session_id)
        note_change("has_second_step", user.has_second_step, after=True)
        return RecoveryCodes(codes=codes)

    async def end_second_step(self, caller: Caller, _asked: EndSecondStep) -> Nothing:
        user = await self._own(caller)
        await asyncio.to_thread(self._state.users.end_totp, user.id)
        note_change("has_second_step", user.has_second_step, after=False)
        return Nothing()

    async def end_session(self, caller: Caller, asked: EndOwnSession) -> Ended:
        user = await self._own(caller)
        if not asked.session:
            ended = await asyncio.to_thread(self._state.sessions.end_all, user.id, but=caller.session_id)
            return Ended(sessions=ended)
        held = await asyncio.to_thread(self._state.sessions.of_users, user.id)
        if asked.session not in {each.id for each in held}:
            raise Refused(RefusalKind.NOT_FOUND, translatable("The session has ended already"))
        await asyncio.to_thread(self._state.sessions.end, asked.session)
        return Ended(sessions=1)

    async def _own(self, caller: Caller) -> StoredUser:
        """Return the user who asks; only somebody who signed in has an account at hand."""
        found = await asyncio.to_thread(self._state.users.named, caller.name)
        if caller.door is not Door.PAGE or found is None or found.id != caller.user_id:
            raise Refused(
                RefusalKind.FORBIDDEN,
                translatable("Only somebody who has signed in can do this"),
                code="needs-a-person",
            )
        return found

    async def _changed(self, user: StoredUser, changed: Callable[[StoredUser], StoredUser]) -> StoredUser:
        return await asyncio.to_thread(self._state.users.change, user.id, noting(changed))
