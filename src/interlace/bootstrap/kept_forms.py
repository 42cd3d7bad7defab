"""Keeps the form that somebody sent whose session had ended, until the same browser is signed in again."""

import asyncio
import secrets

import msgspec

from interlace.bootstrap.access_keys import digest_of
from interlace.bootstrap.attempt_limits import AttemptLimits, of_address
from interlace.management.accounts import KEPT_FORM_AGE, KeptForm, SessionStage, Visitor
from interlace.store.connection_store import Clock
from interlace.store.sessions import NewSession, Sessions

TOKEN_BYTES = 32
_KEPT = msgspec.json.Decoder(KeptForm)


class KeptForms:
    """The forms of ended sessions."""

    def __init__(self, sessions: Sessions, limits: AttemptLimits, clock: Clock) -> None:
        self._sessions = sessions
        self._limits = limits
        self._clock = clock

    async def keep(self, token: str, form: KeptForm, visitor: Visitor) -> str:
        """Keep a form with the browser's session, ended or not; blank: too many were sent from there."""
        text = msgspec.json.encode(form).decode()
        held = await asyncio.to_thread(self._sessions.find, digest_of(token)) if token else None
        if held is not None:
            await asyncio.to_thread(self._sessions.keep_form, held.id, text)
            return token
        if not await self._limits.is_free([of_address(visitor, "form")]):
            return ""
        new_token = secrets.token_urlsafe(TOKEN_BYTES)
        new = NewSession(
            digest=digest_of(new_token),
            stage=SessionStage.VISITING.value,
            address=visitor.address,
            agent=visitor.agent,
        )
        session_id = await asyncio.to_thread(self._sessions.open, new)
        await asyncio.to_thread(self._sessions.keep_form, session_id, text)
        return new_token

    async def kept(self, session_id: str) -> KeptForm | None:
        """Return the form that is kept for a session."""
        held = await asyncio.to_thread(self._sessions.kept_form, session_id)
        if held is None or self._clock() - held[1] > KEPT_FORM_AGE:
            return None
        return _KEPT.decode(held[0])

    async def drop(self, session_id: str) -> None:
        """Forget it."""
        await asyncio.to_thread(self._sessions.keep_form, session_id, None)
