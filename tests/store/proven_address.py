"""What a person does whom a code was sent to, in one step, for tests of what comes after."""

import hashlib
from datetime import datetime, timedelta

from interlace.store.state_store import StateStore


def send_code(state: StateStore, user_id: str, code: str, *, expires_at: datetime | None = None) -> str:
    """Take the message to somebody's address as sent with a code; gives what the proof is called."""
    now = state.clock()
    while (due := state.address_proofs.take(now, now + timedelta(minutes=10))) is not None:
        if due.user_id == user_id:
            digest = hashlib.sha256(code.encode()).digest()
            assert state.address_proofs.expect(due.id, digest, expires_at or now + timedelta(hours=24))
            state.address_proofs.done(due.id)
            return due.id
    raise AssertionError("no code is due")


def prove_address(state: StateStore, user_id: str) -> None:
    """Prove somebody's address."""
    send_code(state, user_id, "right")
    assert state.address_proofs.prove(user_id, hashlib.sha256(b"right").digest())
