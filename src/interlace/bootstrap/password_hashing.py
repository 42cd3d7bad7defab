"""Digests of passwords: slow on purpose, so only a few at once, and a queue that ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from interlace.management.passwords import LENGTH_MAX
from interlace.management.refusal import too_early
from interlace.management.translatable import translatable

AT_ONCE = 2
QUEUE = 20
_QUEUE_AGE = timedelta(seconds=3)
"""Until then the queue has moved on."""
_NOBODYS = "nobody has this password"


def strong_hasher() -> PasswordHasher:
    """Return the hasher for use: Argon2id with 19 MiB, two rounds, one lane (ASVS 5.0, 11.4.2)."""
    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


class PasswordHashes:
    """Makes and compares digests, at most two at once; whoever comes when the queue is full is sent away."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._nobodys = ""

    async def hash(self, password: str) -> str:
        """Return the digest of a password."""
        async with self._turn():
            return await asyncio.to_thread(self._hasher.hash, password)

    async def is_right(self, password_hash: str | None, password: str) -> bool:
        """Compare; without a digest it takes as long, and the answer is no."""
        async with self._turn():
            return await asyncio.to_thread(self._compare, password_hash, password)

    def is_outdated(self, password_hash: str) -> bool:
        """Whether a digest was made with other parameters than are used now."""
        return self._hasher.check_needs_rehash(password_hash)

    def _compare(self, password_hash: str | None, password: str) -> bool:
        if not self._nobodys:
            self._nobodys = self._hasher.hash(_NOBODYS)
        is_possible = password_hash is not None and len(password) <= LENGTH_MAX
        try:
            self._hasher.verify(
                password_hash if is_possible and password_hash else self._nobodys, password[:LENGTH_MAX]
            )
        except (VerificationError, InvalidHashError):
            return False
        return is_possible

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._waiting >= AT_ONCE + QUEUE:
            raise too_early(translatable("Too many people are signing in at this moment"), _QUEUE_AGE)
        self._waiting += 1
        try:
            async with self._turns:
                yield
        finally:
            self._waiting -= 1
